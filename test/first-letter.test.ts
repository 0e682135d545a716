/** What a window loads before its first letter: what draws it, with all that that imports at once. What comes by `import()` comes after the text. */
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** What a file imports before it runs, without types. */
function importsAtOnce(source: string): string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '').replace(/\b(import|export) type\b[^'"]*['"][^'"]+['"]/g, '')
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*['"]([^'"]+)['"]/g)].map((match) => match[1] as string)
}

/** Files of ours and names of packages that come with `entry`. */
function loadedWith(entry: string): Set<string> {
  const loaded = new Set<string>()
  const visit = (file: string) => {
    if (loaded.has(file)) return
    loaded.add(file)
    if (!/\.tsx?$/.test(file)) return
    for (const name of importsAtOnce(readFileSync(join(root, file), 'utf8'))) {
      if (name.startsWith('.')) visit(relative(root, resolve(root, file, '..', name)).replaceAll('\\', '/'))
      else loaded.add(name)
    }
  }
  visit(entry)
  return loaded
}

describe('the first letter', () => {
  test('waits for what is imported at once, and not for the rest', () => {
    const source = [
      "import a from './a.ts'",
      "import type { B } from './b.ts'",
      "const c = () => import('./c.ts')",
      "export * from './d.ts'",
    ]
    expect(importsAtOnce(source.join('\n'))).toEqual(['./a.ts', './d.ts'])
  })

  test('is under way before the page is read: its entry waits for nothing that draws', () => {
    const entry = [...loadedWith('renderer/main.ts')]
    expect(entry).toContain('renderer/client/connect.ts')
    expect(entry.filter((file) => file.endsWith('.tsx') || file.startsWith('react') || file.startsWith('prosemirror'))).toEqual([])
  })

  const loaded = loadedWith('renderer/app/start.tsx')

  test.each(['renderer/app/page.tsx', 'renderer/editor/document-editor.tsx', 'prosemirror-view'])('needs %s', (needed) => {
    expect(loaded).toContain(needed)
  })

  test.each([
    'renderer/app/dialogs/dialogs.tsx',
    'renderer/panels/history-panel.tsx',
    'renderer/panels/version-page.tsx',
    'renderer/files/import-files.ts',
    'renderer/files/export-files.ts',
    'core/history/compare.ts',
    'markdown-it',
    'prosemirror-markdown',
    'fflate',
    'diff',
  ])('does not wait for %s', (later) => {
    expect(loaded).not.toContain(later)
  })
})
