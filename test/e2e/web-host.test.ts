/** The web host against hostile and mistaken use: who may read the page, who may reach the engine, and what a start says. */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type App, startApp, startHostProgram, temporaryFolder } from './harness.ts'

let app: App
let port: number
let cookie: string

beforeAll(async () => {
  app = await startApp()
  port = Number(new URL(app.address).port)
  const [kept] = await app.page.context().cookies()
  cookie = `${kept?.name}=${kept?.value}`
})

/** A request as written, since `fetch` would mend the very things that are wrong here. Answers with the whole response. */
function request(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<string> {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, Connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return new Promise((answered, failed) => {
    let response = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`))
    socket.on('data', (chunk) => {
      response += chunk.toString('latin1')
      // An accepted WebSocket stays open; its first line is all that is asked for.
      if (response.startsWith('HTTP/1.1 101')) socket.destroy()
    })
    socket.on('close', () => answered(response))
    socket.on('error', failed)
  })
}

/** The administrator may write to any folder of their own, so it takes one of the kernel's. */
function readOnlyFolder(): string {
  if (process.platform === 'linux') return '/sys/kernel'
  const folder = temporaryFolder()
  chmodSync(folder, 0o500)
  return folder
}

/** Every file with its size and the time of its last change. */
const contentOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((file) => {
      const { size, mtimeMs } = statSync(join(folder, file))
      return `${file} ${size} ${mtimeMs}`
    })

/** The port that a start on a folder takes by itself. It has ended by then. */
async function portOf(dataDir: string): Promise<number> {
  const host = startHostProgram(['--data-dir', dataDir])
  const [, port] = await host.prints(/^Palimpsest: http:\/\/127\.0\.0\.1:(\d+)/m)
  await host.end()
  return Number(port)
}

const statusOf = (response: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1])
const handshake = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

describe('reading the page', () => {
  test('the token leaves the address bar, and the page loads with no complaint', async () => {
    expect(app.page.url()).toBe(`http://127.0.0.1:${port}/`)
    expect(app.problems).toEqual([])
  })

  test.each([
    ['no cookie', '/', {}, 401],
    ['a wrong token', '/?token=wrong', {}, 403],
    ['an empty token', '/?token=', {}, 403],
    ['a wrong cookie', '/', { Cookie: 'palimpsest=wrong' }, 401],
  ])('is refused with %s', async (_, target, headers, status) => {
    const response = await request(target, headers)
    expect(statusOf(response)).toBe(status)
    expect(response).not.toContain('<html')
    expect(response.toLowerCase()).not.toContain('set-cookie')
  })

  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1', '127.0.0.1:1'])('is refused when the host is %s', async (host) => {
    expect(statusOf(await request('/', { Cookie: cookie, Host: host }))).toBe(403)
  })

  test('is refused when the origin is another', async () => {
    expect(statusOf(await request('/', { Cookie: cookie, Origin: 'https://evil.example' }))).toBe(403)
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('is refused with %s', async (method) => {
    expect(statusOf(await request('/', { Cookie: cookie }, method))).toBe(405)
  })

  test.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%5cpackage.json',
    '/assets/../../engine/process.js',
    '//etc/passwd',
    '/%00',
    '/%ff',
    '/.stamp',
    '/assets',
  ])('finds nothing at %s', async (target) => {
    expect(statusOf(await request(target, { Cookie: cookie }))).toBe(404)
  })

  test('an absolute address as target is no address', async () => {
    expect(statusOf(await request('http://evil.example/', { Cookie: cookie }))).toBe(400)
  })

  test('comes with a strict policy and is never kept', async () => {
    const response = await request('/', { Cookie: cookie })
    const policy = /^content-security-policy: (.*)$/im.exec(response)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe-inline')
    expect(policy).not.toContain("'unsafe-eval'")
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none'
    expect(response).toContain(`nonce="${nonce}"`)
    expect(await request('/', { Cookie: cookie })).not.toContain(nonce)
    expect(response).toMatch(/^cache-control: no-store/im)
  })
})

describe('reaching the engine', () => {
  const origin = () => ({ Origin: `http://127.0.0.1:${port}` })

  test.each([
    ['refused', () => ({})],
    ['accepted', () => ({ ...origin(), Cookie: cookie })],
  ])('a handshake that is %s and cut off costs only itself', async (_, headers) => {
    const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...handshake, ...headers() }).map(([name, value]) => `${name}: ${value}\r\n`)
    for (let count = 0; count < 30; count++) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      await new Promise((written) => socket.write(`GET /engine HTTP/1.1\r\n${lines.join('')}\r\n`, written))
      socket.resetAndDestroy()
    }
    expect(statusOf(await request('/', { Cookie: cookie }))).toBe(200)
  })

  test('works for our page', async () => {
    expect(statusOf(await request('/engine', { ...handshake, ...origin(), Cookie: cookie }))).toBe(101)
  })

  test.each([
    ['no cookie', () => origin(), 401],
    ['a wrong cookie', () => ({ ...origin(), Cookie: `palimpsest-${port}=wrong` }), 401],
    ['no origin', () => ({ Cookie: cookie }), 403],
    ['another origin', () => ({ Cookie: cookie, Origin: 'https://evil.example' }), 403],
    ['the null origin', () => ({ Cookie: cookie, Origin: 'null' }), 403],
    ['another host', () => ({ Cookie: cookie, ...origin(), Host: 'evil.example' }), 403],
  ])('is refused with %s', async (_, headers, status) => {
    expect(statusOf(await request('/engine', { ...handshake, ...(headers() as Record<string, string>) }))).toBe(status)
  })

  test('is refused at another path', async () => {
    expect(statusOf(await request('/other', { ...handshake, ...origin(), Cookie: cookie }))).toBe(404)
  })
})

describe('starting', () => {
  test('a second start on the same folder says so and touches nothing', async () => {
    // The engine that has the folder is held still meanwhile: whatever changes, it was not that one.
    process.kill(app.enginePid, 'SIGSTOP')
    const before = contentOf(app.dataDir)
    const second = startHostProgram(['--data-dir', app.dataDir])
    expect(await second.exited).toBe(1)
    const after = contentOf(app.dataDir)
    process.kill(app.enginePid, 'SIGCONT')
    expect(second.output()).toContain('already running on this data folder')
    expect(second.output().trim().split('\n')).toHaveLength(1)
    expect(after).toEqual(before)
  })

  test('a data folder that is a file is refused in one line', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'not ours')
    const host = startHostProgram(['--data-dir', file])
    expect(await host.exited).toBe(1)
    expect(host.output()).toBe(`This cannot be a data folder: ${file}. Give Palimpsest another one with --data-dir.\n`)
    expect(readFileSync(file, 'utf8')).toBe('not ours')
  })

  test('a data folder that cannot be made is refused in one line', async () => {
    // Where Linux shows its processes no folder can be made, and Node tries for ever.
    const nowhere = process.platform === 'linux' ? '/proc/words/of/mine' : join(process.execPath, 'words')
    const host = startHostProgram(['--data-dir', nowhere])
    expect(await host.exited).toBe(1)
    expect(host.output()).toBe(`This cannot be a data folder: ${nowhere}. Give Palimpsest another one with --data-dir.\n`)
  })

  test('a data folder that cannot be written is told on the page, and nothing is lost that was not there', async () => {
    const own = await startApp({ dataDir: readOnlyFolder() })
    await own.page.getByText(`The data folder ${own.dataDir} cannot be written`).waitFor()
    await own.close()
  })

  test('no folder where one was to be named is not taken for the folder that the terminal is in', async () => {
    const cwd = temporaryFolder()
    const host = startHostProgram(['--data-dir', ''], {}, { cwd })
    expect(await host.exited).toBe(1)
    expect(host.output()).toContain('--data-dir takes a folder')
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a port that is taken is named', async () => {
    const second = startHostProgram(['--data-dir', temporaryFolder(), '--port', String(port)])
    expect(await second.exited).toBe(1)
    expect(second.output()).toContain(`Port ${port} is taken`)
  })

  test('the port of the last start is taken again, since what a browser allows and remembers belongs to it', async () => {
    const folder = temporaryFolder()
    const first = await portOf(folder)
    expect(await portOf(folder)).toBe(first)
    const other = createServer().listen(first, '127.0.0.1')
    await once(other, 'listening')
    const second = await portOf(folder)
    expect(second).not.toBe(first)
    other.close()
    await once(other, 'close')
    expect(await portOf(folder)).toBe(second)
    for (const nonsense of ['eighty', '99999', '22', '']) {
      writeFileSync(join(folder, 'web-port'), nonsense)
      expect(await portOf(folder)).toBeGreaterThan(1_023)
    }
  })

  test.each(['-1', '70000', 'eighty', ''])('--port %s is refused', async (value) => {
    const host = startHostProgram([`--port=${value}`])
    expect(await host.exited).toBe(1)
    expect(host.output()).toContain('--port takes a number')
  })

  test('an engine that dies is started again, and the page finds it', async () => {
    const before = app.enginePid
    await app.killEngine()
    expect(app.enginePid).not.toBe(before)
    expect(statusOf(await request('/engine', { ...handshake, Origin: `http://127.0.0.1:${port}`, Cookie: cookie }))).toBe(101)
  })

  test('the engine does not outlive its host', async () => {
    const own = await startApp()
    const gone = new Promise<void>((done) => own.page.on('websocket', (socket) => socket.on('close', () => done())))
    await own.page.reload()
    own.host.child.kill('SIGKILL')
    await gone
    await own.restart()
    expect(own.page.url()).toContain('127.0.0.1')
  })
})
