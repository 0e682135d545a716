/** The demo itself: everything it starts is ended with it, and its data is removed. Needs the project's own Node. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { save } from '@automerge/automerge/slim'
import { generateAutomergeUrl, parseAutomergeUrl } from '@automerge/automerge-repo/slim'
import { WebSocket } from 'ws'
import { connectEngine } from '../../core/contract/rpc.ts'
import { parseInvite } from '../../core/protocol/share-link.ts'
import { createTextDocument } from '../../core/text/create.ts'
import { loadAutomerge } from '../engine/automerge-wasm.ts'
import { root } from './root.mjs'

const folder = mkdtempSync(join(tmpdir(), 'palimpsest-demo-'))
const programs = []

/** Starts a program and resolves with what it prints first that has the form of `wanted`. */
async function start(wanted, file, ...args) {
  const child = fork(join(root, file), args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  programs.push(child)
  let output = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk
    const found = wanted.exec(output)
    if (!found) continue
    // Whatever else it prints must not fill the pipe.
    child.stdout.resume()
    return found[0]
  }
  throw new Error(`${file} ended before it was ready:\n${output}`)
}

async function startWriter(name, color) {
  const address = await start(/http:\/\/\S+(?=\s)/, 'out/web/host.js', '--no-open', '--data-dir', join(folder, name))
  const engine = connectEngine(await openPort(address))
  await engine.call('person.update', { name, color })
  return { name, address, engine }
}

/** The socket that a page would open, with the cookie that the token is traded for. */
async function openPort(address) {
  const answer = await fetch(address, { redirect: 'manual' })
  const { origin } = new URL(address)
  const cookie = answer.headers.get('set-cookie').split(';')[0]
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/engine`, { headers: { origin, cookie } })
  socket.binaryType = 'nodebuffer'
  await once(socket, 'open')
  return {
    post: (bytes) => socket.send(bytes),
    onMessage: (receive) => socket.on('message', (bytes) => receive(new Uint8Array(bytes))),
    onClose: (closed) => socket.once('close', closed),
    close: () => socket.close(),
  }
}

/** A first heading, which becomes the title, and blocks apart from each other by empty lines: as much Markdown as the demo's text has. */
function readProse(source) {
  const [title, ...blocks] = source.trim().split(/\n\n+/)
  return { title: title.replace(/^# /, ''), blocks: blocks.map(readBlock) }
}

function readBlock(source) {
  if (source.startsWith('## ')) return blockOf('heading', source.slice(3), { level: 2 })
  if (source.startsWith('> ')) return blockOf('blockquote', source.slice(2))
  return blockOf('paragraph', source)
}

const blockOf = (type, source, attrs = {}) => ({
  marker: { type, parents: [], attrs, isEmbed: false },
  runs: source
    .split('*')
    .map((text, index) => ({ text, marks: index % 2 === 1 ? { em: true } : {} }))
    .filter(({ text }) => text !== ''),
})

async function createDemoDocument({ engine }) {
  const { title, blocks } = readProse(readFileSync(join(root, 'assets/demo.md'), 'utf8'))
  const { me } = await engine.call('engine.info', {})
  const margin = parseAutomergeUrl(generateAutomergeUrl()).documentId
  const doc = createTextDocument({ title, blocks, margin, author: me.key, time: Date.now() })
  return engine.call('document.create', { folder: null, chunks: [save(doc)] })
}

async function end() {
  await Promise.all(programs.map((child) => child.exitCode ?? (child.kill(), once(child, 'exit'))))
  rmSync(folder, { recursive: true, force: true })
  process.exit()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void end())

await loadAutomerge()
const invite = await start(/palimpsest:\/\/join\/\S+(?=\s)/, 'sync-relay/dist/relay.js', '--port', '0', '--data-dir', join(folder, 'relay'))
const { relay } = parseInvite(invite)
const [first, second] = await Promise.all([startWriter('Ada', 0), startWriter('Grace', 3)])
// The first owns the relay; the second comes in by the link.
await first.engine.call('relay.join', { invite })
const { id, title } = await createDemoDocument(first)
await first.engine.call('share.create', { id })
const { link } = await first.engine.call('share.link', { id, role: 'editor' })
await second.engine.call('share.open', { link })
for (const { engine } of [first, second]) engine.close()

console.log(`“${title}” is shared through the relay ${relay}. Open both in a browser, side by side:`)
for (const { name, address } of [first, second]) console.log(`${name.padEnd(6)} ${address}`)
console.log('Ctrl+C ends the demo and removes its data.')
