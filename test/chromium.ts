import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']

/** Where browsers are installed that put nothing on the PATH. */
const usualPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}

/** The Chromium that tests drive: `PALIMPSEST_CHROMIUM`, or the first one found on this machine, the one that playwright installs included, or null. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env['PALIMPSEST_CHROMIUM']) return env['PALIMPSEST_CHROMIUM']
  const onPath = (env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  const places = [...onPath, ...(usualPlaces[process.platform] ?? []), chromium.executablePath()]
  return places.find((file) => existsSync(file)) ?? null
}

/** Nothing that talks to the network or asks questions at start. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
