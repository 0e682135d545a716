import type { ColorName } from '../../core/text/blocks.ts'

/** CSS colours as names of the palette. */

const colorWords = new Map<string, ColorName>([
  ['yellow', 'yellow'],
  ['orange', 'orange'],
  ['lime', 'green'],
  ['green', 'green'],
  ['olive', 'yellow'],
  ['aqua', 'teal'],
  ['cyan', 'teal'],
  ['teal', 'teal'],
  ['blue', 'blue'],
  ['navy', 'blue'],
  ['fuchsia', 'purple'],
  ['magenta', 'purple'],
  ['purple', 'purple'],
  ['red', 'red'],
  ['maroon', 'red'],
  ['silver', 'gray'],
  ['gray', 'gray'],
])

/** Hues at which one name gives way to the next. */
const hues: [number, ColorName][] = [
  [15, 'red'],
  [42, 'orange'],
  [70, 'yellow'],
  [160, 'green'],
  [195, 'teal'],
  [255, 'blue'],
  [335, 'purple'],
  [360, 'red'],
]

/** The name nearest to a CSS colour; null for none, white and black. */
export function nearestColor(css: string): ColorName | null {
  const word = colorWords.get(css)
  if (word) return word
  const [red = 0, green = 0, blue = 0, alpha = 1] = channels(css)
  const most = Math.max(red, green, blue)
  const spread = most - Math.min(red, green, blue)
  if (alpha === 0 || most < 40 || (spread < 24 && most > 235)) return null
  if (spread < 24) return 'gray'
  const turn = most === red ? (green - blue) / spread : most === green ? 2 + (blue - red) / spread : 4 + (red - green) / spread
  const hue = (turn * 60 + 360) % 360
  return hues.find(([limit]) => hue <= limit)?.[1] ?? 'red'
}

/** What Word and Google Docs give to links, also where a link itself was not kept. */
const linkColors = new Set(['#1155cc', '#0563c1', '#467886', '#954f72', '#96607d'])
/** A dark gray up to here is another black. */
const darkest = 0x48

/** The name nearest to a colour of text; null for what is only the usual ink, and for the colour of links. */
export function inkColor(css: string): ColorName | null {
  const [red = 0, green = 0, blue = 0] = channels(css)
  const most = Math.max(red, green, blue)
  const isAnotherBlack = most <= darkest && most - Math.min(red, green, blue) < 24 && !colorWords.has(css)
  return isAnotherBlack || linkColors.has(hexOf([red, green, blue])) ? null : nearestColor(css)
}

const hexOf = (parts: readonly number[]) => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`

/** Red, green, blue, and how opaque where it is said; nothing for any other notation. */
function channels(css: string): number[] {
  const short = /^#(.)(.)(.)$/.exec(css)
  const hex = short ? short.slice(1).map((digit) => digit + digit) : /^#(..)(..)(..)$/.exec(css)?.slice(1)
  if (hex) return hex.map((digits) => Number.parseInt(digits, 16))
  return css.startsWith('rgb') ? (css.match(/[\d.]+/g)?.map(Number) ?? []) : []
}
