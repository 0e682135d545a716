import type { DocumentId } from '../core/ids.ts'
import type { FramedMessage } from './framed-message.ts'

/** News of a document, for everybody who follows it. */
export interface News {
  /** `much` is more than the live stream is for. */
  readonly kind: 'changes' | 'much' | 'ephemeral'
  /** Who sent it, where it was one alone. */
  readonly from?: Follower
  /** The frame that brings it to a follower, or null for one who needs none: it comes from there. The same bytes for as many as possible. */
  frameFor(follower: Follower): FramedMessage | null
}

export interface Follower {
  receive(news: News): void
}

/** Brings news of documents to those who follow them. One process keeps them in memory; several would share a message bus behind the same three functions. */
export interface FanOut {
  follow(document: DocumentId, follower: Follower): void
  unfollow(document: DocumentId, follower: Follower): void
  publish(document: DocumentId, news: News): void
}

export function createFanOut(): FanOut {
  const followers = new Map<DocumentId, Set<Follower>>()
  return {
    follow(document, follower) {
      const those = followers.get(document)
      if (those) those.add(follower)
      else followers.set(document, new Set([follower]))
    },
    unfollow(document, follower) {
      const those = followers.get(document)
      those?.delete(follower)
      if (those?.size === 0) followers.delete(document)
    },
    publish(document, news) {
      for (const follower of [...(followers.get(document) ?? [])]) follower.receive(news)
    },
  }
}
