import { atom, type ReadableAtom } from 'nanostores'
import { defaultSettings } from '../../core/contract/default-settings.ts'
import type { EngineClient, EngineInfo, Notice, Params, Person, RelayStatus, Settings } from '../../core/contract/engine.ts'
import { asPalimpsestError } from '../../core/errors.ts'
import { tellShell } from '../client/shell.ts'

/** Why nothing that is written now becomes durable. */
export const diskTroubles = { 'disk-full': true, 'disk-failing': true, 'read-only': true } as const
export type DiskTrouble = keyof typeof diskTroubles

const isDiskTrouble = (kind: Notice['kind']): kind is DiskTrouble => kind in diskTroubles

export type ConnectionState = Parameters<Parameters<EngineClient['onState']>[0]>[0]

/** What this window knows of the engine it talks to. */
export interface Session {
  readonly engine: EngineClient
  readonly connection: ReadableAtom<ConnectionState>
  /** Null until the engine has answered for the first time. */
  readonly info: ReadableAtom<EngineInfo | null>
  readonly settings: ReadableAtom<Settings>
  readonly relay: ReadableAtom<RelayStatus>
  /** What is wrong with the disk, or null. */
  readonly disk: ReadableAtom<DiskTrouble | null>
  /** Shown at once, kept by the engine; while that is away, as soon as it is back. */
  updateSettings(change: Partial<Settings>): Promise<void>
  /** Name, colour and picture: shown at once. Rejects when they cannot be kept. */
  updateMe(change: Params<'person.update'>): Promise<void>
  /** Calls `listener` after every connection, when the engine has told what it is. */
  onReady(listener: (info: EngineInfo) => void): () => void
}

export function createSession(engine: EngineClient): Session {
  const connection = atom<ConnectionState>('connecting')
  const info = atom<EngineInfo | null>(null)
  const settings = atom<Settings>(defaultSettings)
  const relay = atom<RelayStatus>({ address: '', state: 'none', problem: null, isOwner: false })
  const disk = atom<DiskTrouble | null>(null)
  const readyListeners = new Set<(info: EngineInfo) => void>()
  /** What was changed and is not kept yet: shown over all that the engine tells meanwhile. */
  const pending = new Set<Partial<Settings>>()
  const showSettings = (kept: Settings) => settings.set(Object.assign({ ...kept }, ...pending))
  /** Changes of name, colour and picture that were not answered yet: what the engine tells meanwhile may not know of them. */
  let updatesOfMe = 0

  async function tellSettings(change: Partial<Settings>) {
    try {
      const kept = await engine.call('settings.update', change)
      pending.delete(change)
      showSettings(kept)
    } catch (thrown) {
      if (asPalimpsestError(thrown).code === 'engine-gone') return
      pending.delete(change)
      throw thrown
    }
  }

  async function greet() {
    try {
      const [answer, relayStatus] = await Promise.all([engine.call('engine.info', {}), engine.call('relay.status', {})])
      const before = info.get()
      // The device has become another person's: what this page holds was made by who it was before.
      if (before && before.me.key !== answer.me.key) return location.reload()
      info.set(answer)
      showSettings(answer.settings)
      relay.set(relayStatus)
      disk.set(answer.notices.map(({ kind }) => kind).findLast(isDiskTrouble) ?? null)
      for (const listener of [...readyListeners]) listener(answer)
      for (const change of [...pending]) await tellSettings(change)
    } catch (error) {
      // The connection ended meanwhile; the next one greets again.
      console.warn('The engine did not answer', error)
    }
  }

  engine.onState((state) => {
    connection.set(state)
    if (state === 'connected') void greet()
  })
  engine.on('settings.changed', showSettings)
  engine.on('notice', ({ kind }) => {
    if (isDiskTrouble(kind)) disk.set(kind)
    else if (kind === 'disk-ok') disk.set(null)
  })
  engine.on('relay.changed', (changed) => relay.set(changed))
  engine.on('person.changed', (person) => {
    const known = info.get()
    if (known?.me.key === person.key && updatesOfMe === 0) info.set({ ...known, me: person })
  })
  settings.subscribe((now) => {
    tellShell({ type: 'theme.set', theme: now.theme })
    tellShell({ type: 'spelling.set', enabled: now.spellCheck })
  })

  return {
    engine,
    connection,
    info,
    settings,
    relay,
    disk,
    async updateSettings(change) {
      pending.add(change)
      showSettings(settings.get())
      await tellSettings(change)
    },
    async updateMe(change) {
      const show = (me: Partial<Person>) => {
        const known = info.get()
        if (known) info.set({ ...known, me: { ...known.me, ...me } })
      }
      updatesOfMe++
      show(change)
      const kept = await engine.call('person.update', change).finally(() => updatesOfMe--)
      if (updatesOfMe === 0) show(kept)
    },
    onReady(listener) {
      readyListeners.add(listener)
      return () => readyListeners.delete(listener)
    },
  }
}
