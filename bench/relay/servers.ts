/** The relay and its peers, as programs of their own. */
import { fileURLToPath } from 'node:url'
import { parseInvite } from '../../core/protocol/share-link.ts'
import { ticketAddress } from '../../core/protocol/sign-in.ts'
import { RelayPerson } from '../../test/relay-person.ts'
import { type Program, startProgram } from './processes.ts'

export type ServerName = 'palimpsest' | 'closed relay' | 'hocuspocus' | 'automerge-repo'

export interface Server {
  program: Program
  address: string
  /** Whose changes clients send, where the server asks. */
  author?: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const relay = (dataDir: string, ...more: string[]) =>
  startProgram(here('../../sync-relay/dist/relay.js'), ['--port', '0', '--data-dir', dataDir, ...more], { LOG_LEVEL: 'silent' })

/** Starts a server; `dataDir` is for the relay. A closed relay is reached as its first owner. */
export async function startServer(name: ServerName, dataDir: string): Promise<Server> {
  if (name === 'closed relay') return startClosedRelay(dataDir)
  const program = name === 'palimpsest' ? relay(dataDir, '--open', '--max-sockets', '10000') : startProgram(here(`./${name}-server.ts`), [])
  return { program, address: addressIn(await program.nextLine()) }
}

async function startClosedRelay(dataDir: string): Promise<Server> {
  const program = relay(dataDir, '--max-connections', '200')
  const address = addressIn(await program.nextLine())
  const [invite = ''] = /palimpsest:\S+/.exec(await program.nextLine()) ?? []
  const owner = new RelayPerson(address, 'Ada')
  await owner.signIn({ by: 'invite', secret: parseInvite(invite).secret })
  return { program, address: ticketAddress(address, owner.ticket), author: owner.key }
}

const addressIn = (line: string) => /ws:\/\/\S+/.exec(line)?.[0] ?? ''
