import { map, type ReadableAtom } from 'nanostores'
import type { Person } from '../../core/contract/engine.ts'
import type { PersonKey } from '../../core/ids.ts'
import { plainName } from './format.ts'
import type { Session } from './session.ts'

/** Names and colours of people, looked up once and kept. */
export interface People {
  readonly known: ReadableAtom<Readonly<Record<string, Person>>>
  /** Asks the engine for those that are not known yet. */
  lookUp(keys: readonly PersonKey[]): Promise<void>
}

export function createPeople(session: Session): People {
  const known = map<Record<string, Person>>({})
  session.engine.on('person.changed', (person) => known.setKey(person.key, person))
  return {
    known,
    async lookUp(keys) {
      const missing = [...new Set(keys)].filter((key) => !known.get()[key])
      if (missing.length === 0) return
      for (const person of await session.engine.call('person.lookup', { keys: missing })) known.setKey(person.key, person)
    },
  }
}

/** How a person is called: themselves *You*, and whoever chose no name by the beginning of their key. */
export function personName(person: Person | undefined, me: PersonKey | undefined): string {
  if (!person) return 'Somebody'
  const name = plainName(person.name).trim()
  if (person.key === me) return name || 'You'
  return name || `Writer ${person.key.slice(0, 6)}`
}
