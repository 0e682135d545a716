/** A relay and writers who share through it, for tests of the engine: real engines on real folders, a real relay on a free port. */
import { cpSync } from 'node:fs'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { EngineOptions } from '../main/engine/engine.ts'
import { connect, startEngine, temporaryFolder } from '../main/engine/testing/test-engine.ts'
import { createRelay, type Relay, type RelayOptions } from '../sync-relay/server.ts'
import { inviteTo } from './relay-person.ts'

const log = pino({ level: 'silent' })
/** A relay that can be stopped and comes back at the same address with the same data. */
export async function startRelay(options: Pick<RelayOptions, 'quotas'> = {}) {
  let dataDir = temporaryFolder()
  let relay: Relay | null = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log, ...options })
  const { address } = relay
  const stop = async () => {
    await relay?.close()
    relay = null
  }
  const start = async (quotas = options.quotas) => {
    relay = await createRelay({ port: Number(new URL(address).port), host: '127.0.0.1', dataDir, log, ...(quotas && { quotas }) })
  }
  /** Comes back at the same address knowing nobody and nothing. */
  const startEmpty = async () => {
    dataDir = temporaryFolder()
    await start()
  }
  /** A copy of what it has, to be made while it is stopped. */
  const copy = () => {
    const folder = temporaryFolder()
    cpSync(dataDir, folder, { recursive: true })
    return folder
  }
  /** Comes back at the same address with what a copy holds. */
  const startFrom = async (folder: string) => {
    dataDir = folder
    await start()
  }
  onTestFinished(stop)
  const invite = (terms?: Parameters<typeof inviteTo>[1]) => {
    if (!relay) throw new Error('No relay runs.')
    return inviteTo(relay, terms)
  }
  /** The relay's log, from the beginning. */
  const audit = () => relay?.people?.audit.entries(0, 10_000) ?? []
  return { address, stop, start, startEmpty, copy, startFrom, invite, audit }
}

/** Somebody with an app of their own; with a relay, a member there. */
export async function startWriter(
  relay: { invite(): string } | null,
  { dataDir = temporaryFolder(), ...options }: Partial<EngineOptions> = {},
) {
  const engine = await startEngine(dataDir, options)
  const client = connect(engine)
  if (relay) await client.call('relay.join', { invite: relay.invite() })
  return { engine, client, dataDir }
}
