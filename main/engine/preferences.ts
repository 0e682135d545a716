/** What one installation remembers beside its documents: settings, the person's name, and where they were in each document. */
import * as v from 'valibot'
import type { Person, Place, Settings } from '../../core/contract/engine.ts'
import { settingsParser } from '../../core/contract/parsers.ts'
import { defaultSettings } from '../../core/contract/default-settings.ts'
import { type DocumentId, isDocumentId, isPersonKey, type PersonKey } from '../../core/ids.ts'
import type { DurableFiles } from './storage/durable-files.ts'
import { JsonFile } from './storage/json-file.ts'

/** A setting that is missing or no longer valid falls back to its default, alone. */
function parseSettings(json: unknown): Settings {
  const stored = v.parse(v.record(v.string(), v.unknown()), json)
  const valid = Object.entries(settingsParser.entries).filter(([name, parser]) => v.is(parser, stored[name]))
  return { ...defaultSettings, ...Object.fromEntries(valid.map(([name]) => [name, stored[name]])) }
}

const profileParser = v.object({
  name: v.string(),
  color: v.nullable(v.number()),
  sessions: v.number(),
  /** Not there until the person has chosen one; null when they took it away again. */
  picture: v.optional(v.nullable(v.string())),
})
/** The person as they call themselves, and how often the engine was started. */
export type Profile = v.InferOutput<typeof profileParser>

const visitsParser = v.record(
  v.string(),
  v.object({
    openedAt: v.nullable(v.number()),
    place: v.nullable(v.object({ anchor: v.number(), head: v.number(), scrollTop: v.number() })),
  }),
)
export interface Visit {
  openedAt: number | null
  place: Place | null
}

export const openSettings = (files: DurableFiles, dataDir: string) =>
  JsonFile.open(files, dataDir, 'settings.json', parseSettings, defaultSettings)

export const openProfile = (files: DurableFiles, dataDir: string) =>
  JsonFile.open<Profile>(files, dataDir, 'profile.json', (json) => v.parse(profileParser, json), { name: '', color: null, sessions: 0 })

export const openLeftRelays = (files: DurableFiles, dataDir: string) =>
  JsonFile.open<string[]>(files, dataDir, 'left-relays.json', (json) => v.parse(v.array(v.string()), json), [])

const mentionParser = v.object({
  relay: v.string(),
  document: v.custom<DocumentId>(isDocumentId),
  people: v.array(v.custom<PersonKey>(isPersonKey)),
})
/** People whom a relay is still to tell that they were mentioned. */
export type UntoldMention = v.InferOutput<typeof mentionParser>

export const openMentions = (files: DurableFiles, dataDir: string) =>
  JsonFile.open<UntoldMention[]>(files, dataDir, 'mentions.json', (json) => v.parse(v.array(mentionParser), json), [])

const privateCopiesParser = v.record(v.string(), v.custom<DocumentId>(isDocumentId))

/** By shared documents that are being brought back to what their relay has: the private copies of what the person wrote there. */
export const openPrivateCopies = (files: DurableFiles, dataDir: string) =>
  JsonFile.open(
    files,
    dataDir,
    'private-copies.json',
    (json) => new Map(Object.entries(v.parse(privateCopiesParser, json)) as [DocumentId, DocumentId][]),
    new Map<DocumentId, DocumentId>(),
  )

export const openFeedMarks = (files: DurableFiles, dataDir: string) =>
  JsonFile.open(
    files,
    dataDir,
    'feeds.json',
    (json) => new Map(Object.entries(v.parse(v.record(v.string(), v.number()), json))),
    new Map<string, number>(),
  )

/** The colour of a person who has not chosen one: the same everywhere, because it comes from their key. */
export const colorOfKey = (key: PersonKey) => Number.parseInt(key.slice(0, 2), 16) % 8

export const personOf = (key: PersonKey, { name, color, picture = null }: Profile): Person => ({
  key,
  name,
  color: color ?? colorOfKey(key),
  picture,
})

/** When documents were opened here, and where the person was in them. Written some time after it changes: it is not worth a flush to the disk each time. */
export class Visits {
  readonly #file: JsonFile<Map<DocumentId, Visit>>
  #timer: NodeJS.Timeout | null = null

  private constructor(file: JsonFile<Map<DocumentId, Visit>>) {
    this.#file = file
  }

  static async open(files: DurableFiles, dataDir: string): Promise<Visits> {
    const parse = (json: unknown) =>
      new Map(Object.entries(v.parse(visitsParser, json)).filter((entry): entry is [DocumentId, Visit] => isDocumentId(entry[0])))
    return new Visits(await JsonFile.open(files, dataDir, 'visits.json', parse, new Map<DocumentId, Visit>()))
  }

  get(id: DocumentId): Visit {
    return this.#file.value.get(id) ?? { openedAt: null, place: null }
  }

  /** The one opened last among those that `mayOpen`. */
  latest(mayOpen: (id: DocumentId) => boolean): DocumentId | null {
    let latest: { id: DocumentId; openedAt: number } | null = null
    for (const [id, { openedAt }] of this.#file.value)
      if (openedAt !== null && openedAt > (latest?.openedAt ?? 0) && mayOpen(id)) latest = { id, openedAt }
    return latest?.id ?? null
  }

  set(id: DocumentId, visit: Partial<Visit>): void {
    this.#file.value.set(id, { ...this.get(id), ...visit })
    this.#writeLater()
  }

  forget(id: DocumentId): void {
    if (this.#file.value.delete(id)) this.#writeLater()
  }

  /** Writes what has not been written yet. Where nothing can be written, it is not kept. */
  async save(): Promise<void> {
    if (!this.#timer) return this.#file.settled()
    clearTimeout(this.#timer)
    this.#timer = null
    await this.#file.set(this.#file.value)
  }

  #writeLater(): void {
    this.#timer ??= setTimeout(() => void this.save(), 2000)
  }
}
