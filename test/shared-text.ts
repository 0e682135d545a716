/**
 * A text of Ada's with a margin and an image, at a real relay whose clock stands still, for tests of who may do what. A test file calls `openSharedText` once; all is made anew for each test.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach } from 'vitest'
import type { DocumentId } from '../core/ids.ts'
import { newDocumentId } from '../main/engine/identity.ts'
import { createRelay, type Relay } from '../sync-relay/server.ts'
import { inviteTo, RelayPerson } from './relay-person.ts'

const dayMs = 24 * 60 * 60_000

export let dataDir: string
export let relay: Relay
/** The relay's time, in milliseconds since 1970. */
export let clock: number
export let ada: RelayPerson
export let text: DocumentId
export let margin: DocumentId
export let image: DocumentId
/** What each of them began with. */
export let first: A.Doc<Record<string, string>>

const start = (port: number, isOpen = false) =>
  createRelay({ port, host: '127.0.0.1', dataDir, isOpen, log: pino({ level: 'silent' }), now: () => clock })

/** Starts a relay before each test, and ends it after it. */
export function openSharedText(): void {
  beforeEach(async () => {
    clock = Date.now()
    dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
    relay = await start(0)
    ada = await RelayPerson.join(relay, 'Ada')
    ;[text, margin, image] = [newDocumentId(), newDocumentId(), newDocumentId()]
    first = ada.begin()
    await ada.put(text, A.getAllChanges(first), { margin, attachments: [image] })
    for (const part of [margin, image]) await ada.put(part, A.getAllChanges(first))
  })
  afterEach(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  })
}

export function passTime(ms: number): void {
  clock += ms
}

/** The relay comes back where it was; with `isOpen` as one that knows no people. */
export async function restartRelay({ isOpen = false } = {}): Promise<void> {
  const port = Number(new URL(relay.address).port)
  await relay.close()
  relay = await start(port, isOpen)
}

export const member = (name = 'Ben'): Promise<RelayPerson> => RelayPerson.join(relay, name, inviteTo(relay, { expiresAt: clock + dayMs }))
