import type { DocumentId } from '../core/ids.ts'

/** News of a document, for everybody who follows it but the one it comes from. */
export type News =
  /** New changes; `frame` is a `changes` message with all of them, the same bytes for every receiver. */
  | { kind: 'changes'; frame: Uint8Array }
  /** An `ephemeral` message as it came. */
  | { kind: 'ephemeral'; frame: Uint8Array }

export interface Follower {
  receive(news: News): void
}

/** Brings news of documents to those who follow them. One process keeps them in memory; several would share a message bus behind the same three functions. */
export interface FanOut {
  follow(document: DocumentId, follower: Follower): void
  unfollow(document: DocumentId, follower: Follower): void
  publish(document: DocumentId, news: News, from: Follower | null): void
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
    publish(document, news, from) {
      for (const follower of [...(followers.get(document) ?? [])]) if (follower !== from) follower.receive(news)
    },
  }
}
