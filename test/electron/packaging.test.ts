/** What the installers would hold, and how their program is hardened: packed around a stand-in for Electron's runtime. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../e2e/harness.ts'

const root = resolve(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

/** Electron's program carries this text, a version, a count, and then one digit for each fuse. */
const fuseMark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x09'
const fuseDefaults = '101100111'

let packed: string

beforeAll(() => {
  const runtime = temporaryFolder()
  writeFileSync(join(runtime, 'electron'), `${fuseMark}${fuseDefaults}`)
  chmodSync(join(runtime, 'electron'), 0o755)
  writeFileSync(join(runtime, 'version'), (require('electron/package.json') as { version: string }).version)
  const output = temporaryFolder()
  mkdirSync(output, { recursive: true })
  const builder = join(root, 'node_modules/electron-builder/cli.js')
  const options = [`-c.electronDist=${runtime}`, `-c.directories.output=${output}`]
  execFileSync(process.execPath, [builder, '--linux', 'dir', '--x64', ...options], { cwd: root, stdio: 'pipe' })
  packed = join(output, 'linux-unpacked')
})

interface ArchiveFolder {
  files?: Record<string, ArchiveFolder>
}

/** Paths in an asar archive: its header is JSON behind four sizes. */
function filesIn(archive: string): string[] {
  const bytes = readFileSync(archive)
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as ArchiveFolder
  const walk = (folder: ArchiveFolder, path: string): string[] =>
    Object.entries(folder.files ?? {}).flatMap(([name, entry]) => (entry.files ? walk(entry, `${path}${name}/`) : [`${path}${name}`]))
  return walk(header, '')
}

test('the archive holds the bundles, one binary of SQLite, and nothing else', () => {
  const files = filesIn(join(packed, 'resources/app.asar'))
  for (const file of [
    'out/main/main.js',
    'out/preload/preload.cjs',
    'out/engine/process.js',
    'out/engine/automerge.wasm',
    'out/renderer/index.html',
  ])
    expect(files).toContain(file)
  expect(files.filter((file) => file.endsWith('.node'))).toEqual(['node_modules/better-sqlite3/prebuilds/linux-x64.node'])
  const expected =
    /^(package\.json|out\/(main|preload|engine|renderer)\/.*|node_modules\/better-sqlite3\/(package\.json|LICENSE|lib\/.*|prebuilds\/.*))$/
  expect(files.filter((file) => !expected.test(file))).toEqual([])
  expect(files.filter((file) => /\.(map|ts)$|\.stamp$/.test(file))).toEqual([])
})

test('the fuses are hardened', () => {
  const program = readFileSync(join(packed, 'palimpsest'), 'latin1')
  const fuses = program.slice(program.indexOf(fuseMark) + fuseMark.length)
  const [runAsNode, cookieEncryption, nodeOptions, nodeInspect, asarIntegrity, onlyAsar, , fileProtocol] = fuses
  expect({ runAsNode, nodeOptions, nodeInspect, fileProtocol }).toEqual({
    runAsNode: '0',
    nodeOptions: '0',
    nodeInspect: '0',
    fileProtocol: '0',
  })
  expect({ cookieEncryption, asarIntegrity, onlyAsar }).toEqual({ cookieEncryption: '1', asarIntegrity: '1', onlyAsar: '1' })
})
