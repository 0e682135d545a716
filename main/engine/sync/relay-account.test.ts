/** The calls of an app to a relay that runs in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { unknownSigner } from '../../../test/unknown-signer.ts'
import { temporaryFolder } from '../testing/test-engine.ts'
import { RelayAccount } from './relay-account.ts'

const program = join(import.meta.dirname, '../../../sync-relay/relay.ts')

function startProcess(dataDir: string, port: number): ChildProcess {
  const child = spawn(process.execPath, [program, '--port', String(port), '--data-dir', dataDir, '--log-level', 'silent'])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Resolves with where it is. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  const [line] = (await once(stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return /ws:\S+/.exec(line.toString())?.[0] ?? ''
}

/** Does nothing else until the relay answers: what comes meanwhile, as the end of a connection, is not noticed here. */
function sleepUntilAnswered(address: string): void {
  const url = JSON.stringify(`${address.replace('ws:', 'http:')}/healthz`)
  spawnSync(process.execPath, ['-e', `const look = () => fetch(${url}).catch(() => setTimeout(look, 10)); look()`])
}

it('reach a relay that was killed and started again while the app was asleep', async () => {
  const dataDir = temporaryFolder()
  const first = startProcess(dataDir, 0)
  const address = await addressOf(first)
  const account = new RelayAccount(address, unknownSigner)
  // It answers, and says no: the signature is none.
  await expect(account.enter()).rejects.toMatchObject({ problem: 'signed-out' })
  const ended = once(first, 'exit')
  first.kill('SIGKILL')
  startProcess(dataDir, Number(new URL(address).port))
  sleepUntilAnswered(address)
  await expect(account.enter()).rejects.toMatchObject({ problem: 'signed-out' })
  await ended
}, 60_000)
