/** Who may import whom: the table of `docs/architecture.md`, types included. Tests may import anything. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { shellChannels } from '../core/contract/shell.ts'
import { closeCodes } from '../core/protocol/messages.ts'

const root = resolve(import.meta.dirname, '..')

interface Rule {
  /** Folders of ours beside its own. */
  may: string[]
  /** What of outside is closed to it. */
  never: RegExp
}

const node = /^node:/
const electron = /^electron(\/|$)/
const either = /^(node:|electron(\/|$))/

const rules: Record<string, Rule> = {
  core: { may: [], never: either },
  'main/engine': { may: ['core'], never: electron },
  'main/host': { may: ['core'], never: electron },
  'main/shell': { may: ['core', 'main/host'], never: /^$/ },
  'main/web': { may: ['core', 'main/host'], never: electron },
  preload: { may: ['core'], never: node },
  renderer: { may: ['core'], never: either },
  'sync-relay': { may: ['core'], never: electron },
}

const isProduct = (file: string) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\.d\.ts$|\/dist\/|\/node_modules\//.test(file)

function filesOf(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(isProduct)
}

const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8')

/** Everything named by `import`, `export … from` and `import()`, with types. */
function importsOf(source: string): string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  return [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] as string)
}

const isIn = (file: string, folder: string) => file.startsWith(`${folder}/`)

function breaches(folder: string, rule: Rule): string[] {
  return filesOf(folder).flatMap((file) =>
    importsOf(sourceOf(file))
      .filter((name) => (name.startsWith('.') ? !mayReach(file, name, folder, rule) : rule.never.test(name)))
      .map((name) => `${file} imports ${name}`),
  )
}

function mayReach(file: string, name: string, folder: string, rule: Rule): boolean {
  const target = relative(root, resolve(root, file, '..', name)).replaceAll('\\', '/')
  return [folder, ...rule.may].some((allowed) => isIn(target, allowed))
}

describe('imports', () => {
  test('are found in every form', () => {
    const source = [
      "import a from './a.ts'",
      "import type { B } from '../b.ts'",
      "export * from 'c'",
      "import 'd.css'",
      "const e = await import('./e.ts')",
      "import {\n  f,\n} from 'f'",
      "// import 'commented'",
      " * import 'documented'",
    ]
    expect(importsOf(source.join('\n'))).toEqual(['./a.ts', '../b.ts', 'c', 'd.css', './e.ts', 'f'])
  })

  test('are told apart by their folder', () => {
    const rule = { may: ['core'], never: either }
    expect(mayReach('renderer/app/page.ts', '../../core/ids.ts', 'renderer', rule)).toBe(true)
    expect(mayReach('renderer/app/page.ts', '../library/rows.ts', 'renderer', rule)).toBe(true)
    expect(mayReach('renderer/app/page.ts', '../../main/engine/engine.ts', 'renderer', rule)).toBe(false)
    expect(mayReach('renderer/app/page.ts', '../../core-of-another/x.ts', 'renderer', rule)).toBe(false)
  })

  test.each(Object.entries(rules))('of %s keep to the table', (folder, rule) => {
    expect(filesOf(folder).length).toBeGreaterThan(0)
    expect(breaches(folder, rule)).toEqual([])
  })

  test('every product file stands in a folder of the table', () => {
    const strays = ['core', 'main', 'preload', 'renderer', 'sync-relay']
      .flatMap(filesOf)
      .filter((file) => !Object.keys(rules).some((folder) => isIn(file, folder)))
    expect(strays).toEqual([])
  })

  test('take Automerge from its slim entry, whose WebAssembly the host initialises', () => {
    const careless = Object.keys(rules)
      .flatMap(filesOf)
      .filter((file) => importsOf(sourceOf(file)).some((name) => /^@automerge\/automerge(-repo)?$/.test(name)))
    expect(careless).toEqual([])
  })
})

describe('what two processes agree on', () => {
  const agreed = ['core/contract', 'core/protocol']
  const others = Object.keys(rules)
    .flatMap(filesOf)
    .filter((file) => !agreed.some((folder) => isIn(file, folder)))
  const channels = Object.values(shellChannels).map((channel) => `'${channel}'`)
  const codes = Object.values(closeCodes).filter((code) => code >= 4000)

  test.each([...channels, ...codes.map(String)])('%s is spelled in one place', (literal) => {
    const spelled = new RegExp(`(^|[^\\w])${literal}([^\\w]|$)`)
    expect(others.filter((file) => spelled.test(sourceOf(file)))).toEqual([])
  })
})
