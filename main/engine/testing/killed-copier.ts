/**
 * A program that is killed: an engine that stands still when it has brought so many files to their places since it began a private copy, or since it was started where one had been
 * begun, and says so on its output. Started with the data folder and that number; says `done` where it has come to an end before.
 */
import { existsSync, writeSync } from 'node:fs'
import * as nodeFiles from 'node:fs/promises'
import type { FileSystem } from '../storage/durable-files.ts'
import { join } from 'node:path'
import { loadAutomerge } from '../automerge-wasm.ts'
import { createEngine } from '../engine.ts'
import { connect } from './open-text.ts'

const [, , dataDir = '', count = '0'] = process.argv
const say = (line: string) => writeSync(1, `${line}\n`)

let left = existsSync(join(dataDir, 'private-copies.json')) ? Number(count) : null
const fs: FileSystem = {
  ...nodeFiles,
  rename: async (from, to) => {
    if (String(to).endsWith('private-copies.json')) left ??= Number(count)
    if (left !== null && left-- <= 0) {
      say('stands still')
      await new Promise(() => {})
    }
    return nodeFiles.rename(from, to)
  },
}

await loadAutomerge()
const engine = await createEngine({ dataDir, version: '0.0.0', welcome: false, log: { info: () => {}, error: () => {} }, fs })
connect(engine).on('document.replaced', () => say('done'))
