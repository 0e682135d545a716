import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Repo } from '@automerge/automerge-repo/slim'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import type { TextDocument } from '../../core/text/document.ts'
import { connect, OpenText, startEngine, temporaryFolder } from './testing/test-engine.ts'

const program = fileURLToPath(new URL('./testing/killed-writer.ts', import.meta.url))

/** Lets the writer go on until `kills` says so at one of its lines, and kills it there. */
async function writeUntil(dataDir: string, id: DocumentId | null, kills: (durable: number, line: string) => boolean) {
  const child = spawn(process.execPath, [program, dataDir, ...(id ? [id] : [])], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  let durable = -1
  let document = id
  let first = -1
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, value = ''] = line.split(' ')
    if (word === 'document') document = value as DocumentId
    else if (word === 'durable') durable = Number(value)
    else throw new Error(line)
    if (first < 0) first = durable
    if (kills(durable - Math.max(first, 0), line)) {
      child.kill('SIGKILL')
      break
    }
  }
  await ended
  return { durable, id: document as DocumentId }
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => `${number} `).join('')

async function textOf(dataDir: string, id: DocumentId): Promise<string> {
  const engine = await startEngine(dataDir)
  const { text } = await OpenText.open(connect(engine), id)
  await engine.close()
  return text
}

describe('an engine that is killed', () => {
  it('loses nothing that it called durable, whenever it is killed', { timeout: 120_000 }, async () => {
    const dataDir = temporaryFolder()
    let id: DocumentId | null = null
    for (const after of [3, 17, 40, 8, 61]) {
      const killed = await writeUntil(dataDir, id, (durable) => durable >= after)
      id = killed.id
      const text = await textOf(dataDir, id)
      const written = text.split(' ').length - 1
      expect(text).toBe(numbers(written))
      expect(written).toBeGreaterThan(killed.durable)
    }
    expect(existsSync(join(dataDir, 'quarantine'))).toBe(false)
  })

  it('in the middle of compaction leaves a folder that every automerge-repo program can read', { timeout: 120_000 }, async () => {
    const dataDir = temporaryFolder()
    const documents = join(dataDir, 'documents')
    let id: DocumentId | null = null
    const chunks = (kind: string) => (id === null ? 0 : count(join(documents, id.slice(0, 2), id.slice(2), kind)))
    for (const snapshots of [1, 2, 1]) {
      // Two snapshots stand side by side only while one of them replaces the other.
      const killed = await writeUntil(dataDir, id, (durable, line) => {
        id ??= line.split(' ')[1] as DocumentId
        return chunks('snapshot') >= snapshots || durable > 300
      })
      const repo = new Repo({ storage: new NodeFSStorageAdapter(documents) })
      const handle = await repo.find<TextDocument>(killed.id as never)
      const theirs = handle.doc().segments[0]?.text.replaceAll('\uFFFC', '') ?? ''
      expect(theirs).toBe(numbers(theirs.split(' ').length - 1))
      expect(theirs.split(' ').length - 1).toBeGreaterThan(killed.durable)
      expect(await textOf(dataDir, killed.id)).toBe(theirs)
    }
  })
})

const count = (folder: string) => (existsSync(folder) ? readdirSync(folder).length : 0)
