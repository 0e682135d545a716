/** Where the window was, kept in a file beside Electron's own. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, type BrowserWindow, type Rectangle, screen } from 'electron'
import * as v from 'valibot'

const size = v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(20_000))
const offset = v.pipe(v.number(), v.integer())
const stateParser = v.object({ x: offset, y: offset, width: size, height: size, isMaximized: v.boolean() })
type WindowState = v.InferOutput<typeof stateParser>

const stateFile = () => join(app.getPath('userData'), 'window.json')

/** Null at the first start, and where the screen that it was on is gone. */
export function readWindowState(): WindowState | null {
  try {
    const state = v.parse(stateParser, JSON.parse(readFileSync(stateFile(), 'utf8')))
    return screen.getAllDisplays().some(({ workArea }) => overlaps(workArea, state)) ? state : null
  } catch {
    // No file yet, or one that is no state: the window opens in its usual size.
    return null
  }
}

export function rememberWindowState(window: BrowserWindow) {
  window.on('close', () => {
    const state: WindowState = { ...window.getNormalBounds(), isMaximized: window.isMaximized() }
    try {
      writeFileSync(stateFile(), JSON.stringify(state))
    } catch (error) {
      // Losing the place of a window is no reason to keep it open.
      console.warn('The place of the window was not kept:', error)
    }
  })
}

/** At least a corner to take hold of. */
function overlaps(area: Rectangle, window: Rectangle): boolean {
  const grip = 100
  const isBeside = window.x > area.x + area.width - grip || window.x + window.width < area.x + grip
  const isBelow = window.y < area.y - grip || window.y > area.y + area.height - grip
  return !isBeside && !isBelow
}
