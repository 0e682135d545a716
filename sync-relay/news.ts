import type { Follower, News } from './fan-out.ts'
import { type EphemeralMessage, writeMessage } from '../core/protocol/messages.ts'
import { type FramedMessage, framed } from './framed-message.ts'

/** A change and whom it came from. */
export interface PassedChange {
  /** In short where that can be (`core/sync/short-change.ts`). */
  readonly bytes: Uint8Array
  readonly from: Follower
}

/**
 * New changes of one document as `changes` messages: encoded once for all who made none of them, and once more, without their own, for each who did.
 */
export function changesNews(channel: number, passed: readonly PassedChange[]): News {
  const frameOf = (changes: readonly PassedChange[]) =>
    changes.length === 0 ? null : framed(writeMessage({ type: 'changes', channel, changes: changes.map(({ bytes }) => bytes) }))
  const writers = new Set(passed.map(({ from }) => from))
  let shared: FramedMessage | null = null
  return {
    kind: 'changes',
    frameFor: (follower) =>
      writers.has(follower) ? frameOf(passed.filter(({ from }) => from !== follower)) : (shared ??= frameOf(passed)),
  }
}

/** So much came at once that everybody but its sender, where that is one alone, gets it by the sync protocol, which knows saved documents and portions. */
export const muchNews = (from: Follower | null): News => ({ kind: 'much', ...(from && { from }), frameFor: () => null })

/** A message of presence, passed on as it came. */
export function ephemeralNews(message: EphemeralMessage, from: Follower): News {
  const frame = framed(writeMessage(message))
  return { kind: 'ephemeral', frameFor: (follower) => (follower === from ? null : frame) }
}
