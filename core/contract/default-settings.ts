import type { Settings } from './engine.ts'

/** What holds until a person chooses: on disk at the engine, and on the page for the moment before the engine has answered. */
export const defaultSettings: Settings = {
  theme: 'system',
  face: 'serif',
  textSizePx: 18,
  measure: 66,
  smartPunctuation: true,
  spellCheck: true,
  focus: 'off',
  typewriter: false,
  sort: 'edited',
  sidebarOpen: true,
  notifications: false,
  relay: '',
}
