import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')

/** A token's colour in each theme. */
function colors(name: string): { light: string; dark: string } {
  const [, light = '', dark = ''] = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css) ?? []
  return { light, dark }
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const inks = ['ink', 'ink-soft', 'accent', 'warn', 'danger', ...[0, 1, 2, 3, 4, 5, 6, 7].map((person) => `person-${person}`)]

describe('tokens', () => {
  it.each(inks)('%s can be read on the page, the columns and what floats', (name) => {
    for (const ground of ['page', 'surface', 'raised']) {
      for (const theme of ['light', 'dark'] as const) {
        expect(contrast(colors(name)[theme], colors(ground)[theme]), `${name} on ${ground}, ${theme}`).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})
