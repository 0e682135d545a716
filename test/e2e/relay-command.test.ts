/** The command that hosts a relay: what is typed wrongly, and what is done to the data of a relay that goes on running. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { closeCodes } from '../../core/protocol/messages.ts'
import { parseInvite } from '../../core/protocol/share-link.ts'
import { ticketAddress } from '../../core/protocol/sign-in.ts'
import { RawClient } from '../raw-client.ts'
import { RelayPerson } from '../relay-person.ts'
import { type Program, startProgram } from './processes.ts'

type Notes = Record<string, string>

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const root = join(import.meta.dirname, '../..')
const program = join(root, 'sync-relay/relay.ts')
let folder: string
let dataDir: string
const running: Program[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-command-'))
  dataDir = join(folder, 'data')
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.end('SIGKILL')))
  rmSync(folder, { recursive: true })
})

function start(...words: string[]): Program {
  const started = startProgram(program, words, { PALIMPSEST_RELAY_LOG_LEVEL: 'silent' })
  running.push(started)
  return started
}

async function run(...words: string[]) {
  const done = start(...words)
  const code = await done.exited
  return { code, output: done.output() }
}

async function serve(...words: string[]) {
  const relay = start('serve', '--port', '0', '--data-dir', dataDir, ...words)
  const [, address = ''] = await relay.prints(/Palimpsest relay: (\S+)\n/)
  const invite = /palimpsest:\/\/join\/\S+/.exec(relay.output())?.[0] ?? ''
  return { address, invite, relay }
}

/** Somebody who uses an invite. */
async function joinAs(address: string, name: string, invite: string): Promise<RelayPerson> {
  const person = new RelayPerson(address, name)
  await person.signIn({ by: 'invite', secret: parseInvite(invite).secret })
  return person
}

/** What a person gets of the document when they have nothing of it. */
async function read(person: RelayPerson): Promise<A.Doc<Notes>> {
  const client = await person.connect({ live: false })
  client.sendSync(documentId, { takesDocuments: true })
  const { changes } = await client.nextSync()
  client.socket.close()
  return A.loadIncremental(A.init<Notes>(), Buffer.concat(changes))
}

describe('what is typed wrongly', () => {
  it.each<[string[], number, RegExp]>([
    [['--prot', '7'], 2, /Unknown option --prot\. palimpsest-relay --help/],
    [['--port', 'seven'], 2, /--port must be a whole number from 0 to 65535, not “seven”/],
    [['--port', '70000'], 2, /--port must be/],
    [['--address', 'https://relay.example.org'], 2, /is no ws: or wss: address/],
    [['--log-level', 'loud'], 2, /--log-level must be one of trace, /],
    [['serve', 'now'], 2, /“now” is one word too many/],
    [['shut-down'], 2, /there is no command “shut-down”/],
    [['constructor'], 2, /there is no command “constructor”/],
    [['backup'], 2, /something is missing/],
    [['verify', '--data-dir', '/there/is/none'], 3, /There is no folder \/there\/is\/none/],
    [['invite', '--data-dir', tmpdir()], 3, /There is no relay’s data in /],
    [['restore', '/there/is/none'], 3, /is no backup: backup.json is missing/],
    [['--data-dir', program], 3, /cannot be used as the data folder/],
  ])('%j is answered in one line, with its exit code', async (words, code, line) => {
    const done = await run(...words)
    expect(done).toEqual({ code, output: expect.stringMatching(line) })
    expect(done.output.trim().split('\n')).toHaveLength(1)
  })

  it('is named by its variable when it comes from the environment, and flags win', async () => {
    const wrong = startProgram(program, [], { PALIMPSEST_RELAY_PORT: 'seven' })
    expect(await wrong.exited).toBe(2)
    expect(wrong.output()).toMatch(/PALIMPSEST_RELAY_PORT must be a whole number/)
    const right = startProgram(program, ['--port', '0', '--data-dir', dataDir], {
      PALIMPSEST_RELAY_PORT: '1',
      PALIMPSEST_RELAY_OPEN: 'yes',
    })
    running.push(right)
    await right.prints(/It is open/)
  })

  it('is answered by a help that names every command and every setting', async () => {
    const { code, output } = await run('--help')
    expect(code).toBe(0)
    for (const name of ['serve', 'invite', 'people', 'audit', 'backup', 'restore', 'verify', 'stats']) {
      expect(output).toContain(name)
      const help = await run(name, '--help')
      expect(help).toEqual({ code: 0, output: expect.stringContaining('--data-dir DIR') })
      expect(Math.max(...help.output.split('\n').map((line) => line.length))).toBeLessThan(180)
    }
  })
})

describe('the README’s commands for hosting', () => {
  it('do what they say', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const commands = [...readme.matchAll(/^npm run relay -- (.+)$/gm)].map(([, words = '']) =>
      words.replace('--port 3030', '--port 0').replaceAll('./', `${folder}/`).split(' '),
    )
    expect(commands.length).toBeGreaterThan(3)
    const [first = [], ...others] = commands
    const relay = startProgram(program, first)
    running.push(relay)
    await relay.prints(/Palimpsest relay: ws:\/\/127/)
    for (const words of others) {
      const done = startProgram(program, words)
      expect({ words, code: await done.exited, output: done.output() }).toMatchObject({ code: 0 })
    }
    await relay.end()
  })
})

describe('a folder that is in use', () => {
  it('is left alone by a second relay and by a restore', async () => {
    await serve()
    expect(await run('serve', '--port', '0', '--data-dir', dataDir)).toEqual({
      code: 3,
      output: `palimpsest-relay: Another relay is running on ${dataDir}.\n`,
    })
    expect((await run('backup', join(folder, 'copy'), '--data-dir', dataDir)).code).toBe(0)
    expect(await run('restore', join(folder, 'copy'), '--data-dir', dataDir)).toMatchObject({
      code: 3,
      output: expect.stringMatching(/is not empty/),
    })
  })
})

describe('people, while the relay is running', () => {
  it('are invited, listed, and shut out at once with their roles', async () => {
    const { address, invite } = await serve()
    const ada = await joinAs(address, 'Ada\u001b[2J\u009b2J', invite)
    const bensInvite = (await run('invite', '--data-dir', dataDir)).output.trim()
    const ben = await joinAs(address, 'Ben', bensInvite)
    await ada.put(documentId, [A.getLastLocalChange(ada.begin()) as Uint8Array])
    await ada.ask('document.grant', { documentId, key: ben.key, role: 'editor' })
    await ben.ask('invitation.answer', { documentId, accept: true })
    const client = await ben.connect()
    await client.follow(documentId)

    const list = await run('people', '--data-dir', dataDir)
    expect(list).toEqual({ code: 0, output: expect.stringContaining(`member  ${ben.key} Ben`) })
    expect(list.output).not.toContain('\u001b')
    expect((await run('people', 'remove', ben.key.slice(0, 12), '--data-dir', dataDir)).code).toBe(0)
    expect(await client.closed).toBe(closeCodes.refused)
    await expect(ben.signIn()).rejects.toMatchObject({ problem: 'removed' })

    await ben.signIn({ by: 'invite', secret: parseInvite((await run('invite', '--data-dir', dataDir)).output.trim()).secret })
    await expect(ben.ask('document.access', { documentId })).rejects.toMatchObject({ problem: 'not-found' })
    expect(await run('people', 'remove', ada.key, '--data-dir', dataDir)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/only owner/),
    })
    expect(await run('people', 'remove', 'zz', '--data-dir', dataDir)).toMatchObject({ code: 1 })
    const log = await ada.ask('audit.read', { after: 0 })
    expect(log).toContainEqual(expect.objectContaining({ action: 'person.remove', person: null, subject: { person: ben.key } }))
    const { code, output } = await run('audit', '--data-dir', dataDir)
    expect(code).toBe(0)
    expect(output).not.toMatch(/[\u001b\u009b]/)
    const printed = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(printed.map(({ id, person, action, subject }) => ({ id, person, action, subject }))).toEqual(
      log.map(({ id, person, action, subject }) => ({ id, person, action, subject })),
    )
    expect(printed).toContainEqual(expect.objectContaining({ action: 'document.grant', name: 'Ada\u001b[2J\u009b2J' }))
  })
})

describe('a backup', () => {
  it('of a relay that is being written to has what was acknowledged, and its rights; the rest comes again from its writer', async () => {
    const { address, invite, relay } = await serve()
    const ada = await joinAs(address, 'Ada', invite)
    const client = await ada.connect()
    client.send({ type: 'parts', documentId, margin: null, attachments: [] })
    let doc = ada.begin()
    client.sendSync(documentId, { heads: A.getHeads(doc) as never })
    const { channel } = await client.next('live')
    let number = 0
    const write = (change: Uint8Array) => client.send({ type: 'changes', channel, changes: [change], number: ++number })
    const type = (count: number) => {
      for (let i = 0; i < count; i++) {
        doc = A.change(doc, (draft) => void (draft[`key ${number}`] = 'written'))
        write(A.getLastLocalChange(doc) as Uint8Array)
      }
    }
    write(A.getLastLocalChange(doc) as Uint8Array)
    type(300)
    let acknowledged = 0
    while (acknowledged < 301) acknowledged = (await client.next('ack')).number
    const before = A.getHeads(doc)

    const copy = join(folder, 'copy')
    const making = run('backup', copy, '--data-dir', dataDir)
    let made = false
    void making.then(() => (made = true))
    while (!made) {
      type(20)
      while (acknowledged < number) acknowledged = (await client.next('ack')).number
    }
    expect(await making).toEqual({ code: 0, output: expect.stringMatching(/relay.sqlite, people.sqlite/) })
    expect(readdirSync(copy).sort()).toEqual(['backup.json', 'people.sqlite', 'relay.sqlite'])
    expect(await run('verify', '--data-dir', copy)).toEqual({
      code: 0,
      output: expect.stringMatching(/1 documents with \d{3,} changes were read.\nEverything is whole/),
    })
    expect(await run('backup', copy, '--data-dir', dataDir)).toMatchObject({ code: 3, output: expect.stringMatching(/is there already/) })
    await relay.end('SIGKILL')

    dataDir = join(folder, 'restored')
    expect((await run('restore', copy, '--data-dir', dataDir)).code).toBe(0)
    const again = await serve('--port', new URL(address).port)
    expect(again.invite).toBe('')
    const restored = await read(ada)
    expect(A.hasHeads(restored, before)).toBe(true)
    const back = await ada.connect()
    back.sendSync(documentId, { heads: A.getHeads(doc) as never, changes: A.getChangesSince(doc, A.getHeads(restored)) })
    for (;;) if (A.equals(await read(ada), doc)) break
    expect((await run('verify', '--data-dir', dataDir)).code).toBe(0)
  })

  it('that was cut short is none, and does not stand in the way of the next one', async () => {
    const { relay } = await serve()
    const db = new Database(join(dataDir, 'relay.sqlite'))
    db.prepare("insert into documents (number, id) values (1, 'x')").run()
    db.prepare('insert into changes values (1, 0, zeroblob(100000000))').run()
    const copy = join(folder, 'copy')
    const making = start('backup', copy, '--data-dir', dataDir)
    while (!existsSync(join(`${copy}.unfinished`, 'relay.sqlite'))) await new Promise(setImmediate)
    await making.end('SIGKILL')
    expect(existsSync(copy)).toBe(false)
    db.exec('delete from changes; delete from documents')
    db.close()
    expect((await run('backup', copy, '--data-dir', dataDir)).code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(['copy', 'data'])
    await relay.end()
  })

  it('that is damaged is not restored', async () => {
    await serve()
    const copy = join(folder, 'copy')
    await run('backup', copy, '--data-dir', dataDir)
    const bytes = readFileSync(join(copy, 'people.sqlite'))
    bytes[5_000] = (bytes[5_000] ?? 0) ^ 1
    writeFileSync(join(copy, 'people.sqlite'), bytes)
    const into = join(folder, 'into')
    expect(await run('restore', copy, '--data-dir', into)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/people.sqlite is not as it was written/),
    })
    expect(existsSync(into)).toBe(false)
  })

  it('of which only a part was restored keeps a relay from starting, until it is restored again', async () => {
    const { relay } = await serve()
    const copy = join(folder, 'copy')
    await run('backup', copy, '--data-dir', dataDir)
    await relay.end()
    dataDir = join(folder, 'into')
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'restore-unfinished'), '')
    writeFileSync(join(dataDir, 'relay.sqlite.fresh'), 'a part')
    expect(await run('serve', '--port', '0', '--data-dir', dataDir)).toMatchObject({
      code: 3,
      output: expect.stringMatching(/was cut short/),
    })
    expect((await run('restore', copy, '--data-dir', dataDir)).code).toBe(0)
    expect(readdirSync(dataDir).sort()).toEqual(['people.sqlite', 'relay.sqlite'])
    await serve()
  })
})

describe('verify', () => {
  it('names a damaged row of a running relay, and ends with 1', async () => {
    const { address } = await serve('--open')
    const client = await RawClient.join(ticketAddress(address, null))
    const channel = await client.follow(documentId)
    const changes = A.getAllChanges(
      A.change(
        A.change(A.init<Notes>(), { message: 'one' }, (d) => void (d['a'] = '1')),
        (d) => void (d['b'] = '2'),
      ),
    )
    client.send({ type: 'changes', channel, changes, number: 1 })
    await client.next('ack')
    expect((await run('verify', '--data-dir', dataDir)).code).toBe(0)
    const db = new Database(join(dataDir, 'relay.sqlite'))
    db.exec("update changes set bytes = cast(substr(bytes, 1, length(bytes) - 1) || x'ff' as blob) where row = 0")
    db.close()
    const { code, output } = await run('verify', '--data-dir', dataDir)
    expect(code).toBe(1)
    expect(output).toContain(`relay.sqlite: document ${documentId}, row 0: `)
    expect(output).toMatch(/row 1: depends on a change that is damaged/)
  })
})
