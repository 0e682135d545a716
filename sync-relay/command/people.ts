/** `invite` and `people`: who may come in, for whoever has the machine. What is done here stands in the audit log without a person. */
import { inviteLink, isRelayAddress } from '../../core/protocol/share-link.ts'
import type { RelayPerson } from '../../core/protocol/relay-api.ts'
import { ApiRefusal } from '../people/api-refusal.ts'
import { theRelay } from '../people/audit.ts'
import type { RelayPeople } from '../people/relay-people.ts'
import type { Arguments, Command, Setting } from './arguments.ts'
import { CommandError } from './command-error.ts'
import { DataFolder, dataDirSetting } from './data-folder.ts'

const dayMs = 24 * 60 * 60_000

export const addressSetting: Setting = {
  value: 'URL',
  help: 'under which writers reach the relay: wss://relay.example.org\n(where it is not set: as the relay was last started)',
}

/** Where writers reach the relay of a folder. */
export function addressOf(folder: DataFolder, given: Arguments): string {
  const address = given.text('address') ?? folder.address
  if (address === null) throw new CommandError('usage', 'The relay’s address is not known. Name it with --address.')
  if (!isRelayAddress(address)) throw new CommandError('usage', `${address} is no ws: or wss: address`)
  return address
}

export const invite: Command = {
  usage: 'invite',
  summary: 'Prints an invite to the relay, also while it is running.',
  about:
    'Who it is for pastes it whole in Palimpsest: Settings, Relay. Members share documents here; owners also run the relay in the app.',
  settings: {
    'data-dir': dataDirSetting,
    standing: { value: 'WORD', otherwise: 'member', help: 'member or owner' },
    uses: { value: 'N', otherwise: '1', help: 'how many people may come in by it' },
    days: { value: 'N', otherwise: '7', help: 'how long it is good' },
    address: addressSetting,
  },
  async run(given) {
    const folder = DataFolder.of(given)
    const relay = addressOf(folder, given)
    const terms = {
      standing: given.choice('standing', ['member', 'owner']),
      uses: given.number('uses', 1, 1_000),
      expiresAt: Date.now() + given.number('days', 1, 365) * dayMs,
    }
    const { secret } = folder.withPeople(({ people }) => people.invite(terms, theRelay))
    console.log(inviteLink({ relay, secret }))
    return 0
  },
}

export const people: Command = {
  usage: 'people [list | remove PERSON]',
  summary: 'Lists the relay’s people, or removes one, also while it is running.',
  about:
    'PERSON is a key as the list shows it, or the beginning of one. Who is removed is shut out at once and loses every role; what they own stays theirs for\nwhen they are invited again. The only owner of a relay cannot be removed: invite another one first.',
  words: [0, 2],
  settings: { 'data-dir': dataDirSetting },
  async run(given) {
    const folder = DataFolder.of(given)
    const doing = given.word(0) || 'list'
    if (doing === 'list' && given.count < 2)
      folder.withPeople((relay) => relay.people.list().forEach((person) => console.log(lineOf(person))))
    else if (doing === 'remove' && given.count === 2) folder.withPeople((relay) => remove(relay, given.word(1)))
    else throw new CommandError('usage', `“${[doing, given.word(1)].join(' ').trim()}” is neither list nor remove PERSON`)
    return 0
  },
}

function remove({ people }: RelayPeople, beginning: string): void {
  const [person, other] = people.list().filter(({ key }) => beginning !== '' && key.startsWith(beginning.toLowerCase()))
  if (!person) throw new CommandError('failed', `Nobody here has a key that begins with ${beginning}.`)
  if (other) throw new CommandError('failed', `More than one key begins with ${beginning}. Type more of it.`)
  try {
    people.remove(person.key, theRelay)
  } catch (error) {
    if (error instanceof ApiRefusal) throw new CommandError('failed', `${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`, error)
    throw error
  }
  console.log(`Removed: ${lineOf(person)}`)
}

/** A name is whatever its person typed, and must not move the cursor of a terminal. */
const lineOf = ({ key, name, standing }: RelayPerson) => `${standing.padEnd(7)} ${key} ${name.replaceAll(/\p{C}/gu, '·')}`
