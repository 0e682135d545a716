import type { EngineHandlers, Notice } from '../../../core/contract/engine.ts'
import type { EngineParts } from '../parts.ts'
import { personOf } from '../preferences.ts'

type PersonalCall = 'engine.info' | 'engine.flush' | 'person.update' | 'settings.update'

export interface PersonalOptions {
  version: string
  /** What is known to be wrong at this moment. */
  notices: () => Notice[]
}

/** Calls about the person, their settings, and the engine itself. */
export function personalHandlers(parts: EngineParts, { version, notices }: PersonalOptions): Pick<EngineHandlers, PersonalCall> {
  const { dataDir, documents, identity, library, profile, settings, visits } = parts
  const me = () => personOf(identity.key, profile.value)

  return {
    'engine.info': () => ({
      version,
      me: me(),
      dataDir,
      session: profile.value.sessions,
      settings: settings.value,
      lastOpened: visits.latest((id) => library.has(id) && library.entry(id).trashedAt === null),
      notices: notices(),
    }),
    'engine.flush': async () => {
      await documents.flush()
      return null
    },
    'person.update': async (change) => {
      await profile.set({ ...profile.value, ...change })
      parts.emit('person.changed', me())
      return me()
    },
    'settings.update': async (change) => {
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      await settings.set({ ...settings.value, ...given })
      parts.emit('settings.changed', settings.value)
      return settings.value
    },
  }
}
