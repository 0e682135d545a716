/**
 * The feed: what concerns a person at a relay, as Server-Sent Events at `GET <relay>/api/feed` with `Authorization: Bearer <ticket>`. Each event is one JSON object in
 * `data`, with a number in `id` that increases for each person by itself. The rules are numbered in `docs/relay-protocol.md`.
 */
import * as v from 'valibot'
import { type DocumentId, type FolderId, isDocumentId, isFolderId, isPersonKey, type PersonKey } from '../ids.ts'
import { roles } from '../roles.ts'

const documentId = v.custom<DocumentId>(isDocumentId, 'not a document id')
const role = v.picklist(roles)
const from = v.object({
  key: v.custom<PersonKey>(isPersonKey, 'not a person key'),
  name: v.pipe(v.string(), v.maxLength(100)),
  color: v.nullable(v.number()),
})
/** Milliseconds since 1970. */
const at = v.pipe(v.number(), v.integer(), v.minValue(0))

const folder = v.object({
  id: v.custom<FolderId>(isFolderId, 'not a folder id'),
  name: v.pipe(v.string(), v.maxLength(200)),
})
/** What it is about: one of the two. */
const subject = { documentId: v.optional(documentId), folder: v.optional(folder) }

const event = v.variant('kind', [
  /** Somebody offers a role, or offers another one than before. */
  v.object({ kind: v.literal('invited'), at, ...subject, role, from }),
  /** The role that the person has is another one now. */
  v.object({ kind: v.literal('role'), at, ...subject, role, from }),
  /** The person lost their role, or what they were offered. */
  v.object({ kind: v.literal('removed'), at, ...subject, reason: v.pipe(v.string(), v.maxLength(500)) }),
  /** A folder that the person has a role in has another name or other documents; so many came into it. */
  v.object({ kind: v.literal('shared'), at, folder, count: v.pipe(v.number(), v.integer(), v.minValue(0)), from }),
  /** The person of `from` wrote in the margin of a text: more than once, maybe, in the last minutes. */
  v.object({ kind: v.literal('comment'), at, documentId, from }),
  /** The person of `from` says that they mentioned this one in the margin of a text. */
  v.object({ kind: v.literal('mention'), at, documentId, from }),
  /** Nothing was left to replay: what comes now is new. Has the number of the newest event. */
  v.object({ kind: v.literal('ready'), at }),
])
export type FeedEvent = v.InferOutput<typeof event>

/** The path of the feed at a relay. */
export const feedPath = 'feed'
/** Comments come at least this often, so that both sides notice a dead line. */
export const feedHeartbeatMs = 15_000
/** The longest event that is taken, in characters. */
const maxEventLength = 64 * 1024

/** An event as it travels. */
export const writeFeedEvent = (id: number, told: FeedEvent): string => `id: ${id}\ndata: ${JSON.stringify(told)}\n\n`
export const feedHeartbeat = ':\n\n'

export interface NumberedEvent {
  id: number
  event: FeedEvent
}

/**
 * Reads a stream piece by piece, wherever it was cut, and gives the events that are whole. An event of a kind that is not known is left out. Throws for what can
 * be no stream of a relay.
 */
export function createFeedReader(): (piece: string) => NumberedEvent[] {
  let rest = ''
  return (piece) => {
    const blocks = (rest + piece).split('\n\n')
    rest = blocks.pop() ?? ''
    if (rest.length > maxEventLength) throw new Error('an event that does not end')
    return blocks.flatMap((block) => readBlock(block) ?? [])
  }
}

function readBlock(block: string): NumberedEvent | null {
  const lines = block.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
  const [id, data] = ['id: ', 'data: '].map((field) => lines.find((line) => line.startsWith(field))?.slice(field.length))
  if (id === undefined || data === undefined || !/^\d{1,15}$/.test(id)) return null
  const parsed = v.safeParse(event, parseJson(data))
  return parsed.success ? { id: Number(id), event: parsed.output } : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // No event of ours: left out like one of an unknown kind.
  }
}
