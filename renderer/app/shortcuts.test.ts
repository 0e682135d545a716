import { describe, expect, it } from 'vitest'
import { formatShortcut, matchesShortcut } from './shortcuts.ts'

function press(key: string, held: Partial<Record<'ctrl' | 'meta' | 'alt' | 'shift' | 'altGraph', true>> = {}, code = '') {
  const { ctrl = false, meta = false, alt = false, shift = false, altGraph = false } = held
  return {
    key,
    code,
    ctrlKey: ctrl,
    metaKey: meta,
    altKey: alt,
    shiftKey: shift,
    getModifierState: () => altGraph,
  } as unknown as KeyboardEvent
}

describe('matchesShortcut', () => {
  it('takes Mod as Command on a Mac and as Control elsewhere', () => {
    expect(matchesShortcut(press('k', { meta: true }), 'Mod-k', true)).toBe(true)
    expect(matchesShortcut(press('k', { ctrl: true }), 'Mod-k', true)).toBe(false)
    expect(matchesShortcut(press('k', { ctrl: true }), 'Mod-k', false)).toBe(true)
  })

  it('wants exactly the modifiers it names', () => {
    expect(matchesShortcut(press('K', { ctrl: true, shift: true }), 'Mod-k', false)).toBe(false)
    expect(matchesShortcut(press('F', { ctrl: true, shift: true }), 'Mod-Shift-f', false)).toBe(true)
    expect(matchesShortcut(press('k'), 'Mod-k', false)).toBe(false)
  })

  it('knows a key by its place when a modifier changes what it types', () => {
    expect(matchesShortcut(press('Dead', { meta: true, alt: true }, 'KeyN'), 'Mod-Alt-n', true)).toBe(true)
    expect(matchesShortcut(press('<', { ctrl: true, shift: true }, 'Comma'), 'Mod-Shift-,', false)).toBe(true)
  })

  it('leaves what AltGr types alone', () => {
    expect(matchesShortcut(press('ń', { ctrl: true, alt: true, altGraph: true }, 'KeyN'), 'Mod-Alt-n', false)).toBe(false)
  })

  it('reads a hyphen as a key', () => {
    expect(matchesShortcut(press('-', { ctrl: true }), 'Mod--', false)).toBe(true)
  })
})

describe('formatShortcut', () => {
  it('writes shortcuts as the platform does', () => {
    expect(formatShortcut('Mod-Shift-f', true)).toBe('⇧⌘F')
    expect(formatShortcut('Mod-Shift-f', false)).toBe('Ctrl+Shift+F')
    expect(formatShortcut('Mod-Alt-ArrowUp', false)).toBe('Ctrl+Alt+↑')
    expect(formatShortcut('F2', false)).toBe('F2')
  })
})
