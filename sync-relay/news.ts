import type { Follower, News } from './fan-out.ts'
import { writeMessage } from '../core/protocol/messages.ts'

/** A change and whom it came from. */
export interface PassedChange {
  readonly bytes: Uint8Array
  readonly from: Follower
}

/**
 * New changes of one document as `changes` messages: encoded once for all who made none of them, and once more, without their own, for each who did.
 */
export function changesNews(channel: number, passed: readonly PassedChange[]): News {
  const frameOf = (changes: readonly PassedChange[]) =>
    changes.length === 0 ? null : writeMessage({ type: 'changes', channel, changes: changes.map(({ bytes }) => bytes) })
  const writers = new Set(passed.map(({ from }) => from))
  let shared: Uint8Array | null = null
  return {
    kind: 'changes',
    frameFor: (follower) =>
      writers.has(follower) ? frameOf(passed.filter(({ from }) => from !== follower)) : (shared ??= frameOf(passed)),
  }
}

/** So much came at once that everybody but its sender gets it by the sync protocol, which knows saved documents and portions. */
export const muchNews = (from: Follower): News => ({ kind: 'much', from, frameFor: () => null })

/** A message of presence, passed on as it came. */
export const ephemeralNews = (frame: Uint8Array, from: Follower): News => ({
  kind: 'ephemeral',
  frameFor: (follower) => (follower === from ? null : frame),
})
