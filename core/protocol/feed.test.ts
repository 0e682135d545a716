import { describe, expect, it } from 'vitest'
import { createFeedReader, type FeedEvent, feedHeartbeat, writeFeedEvent } from './feed.ts'

const removed: FeedEvent = {
  kind: 'removed',
  at: 5,
  documentId: '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as never,
  reason: 'A reason\nwith “two” lines and an end\n\n',
}
const ready: FeedEvent = { kind: 'ready', at: 6 }

describe('reading a feed', () => {
  it('gives the same events wherever the stream was cut', () => {
    const text = `${feedHeartbeat}${writeFeedEvent(3, removed)}${feedHeartbeat}${writeFeedEvent(4, ready)}`
    for (let cut = 0; cut <= text.length; cut++) {
      const read = createFeedReader()
      expect([...read(text.slice(0, cut)), ...read(text.slice(cut))]).toEqual([
        { id: 3, event: removed },
        { id: 4, event: ready },
      ])
    }
  })

  it.each([
    ['no number', `data: ${JSON.stringify(ready)}\n\n`],
    ['a number that is none', `id: -1\ndata: ${JSON.stringify(ready)}\n\n`],
    ['no JSON', 'id: 1\ndata: {\n\n'],
    ['another kind', 'id: 1\ndata: {"kind":"dance","at":1}\n\n'],
    ['a document that is none', 'id: 1\ndata: {"kind":"removed","at":1,"documentId":"x","reason":""}\n\n'],
  ])('leaves out an event with %s', (_, text) => {
    expect(createFeedReader()(text)).toEqual([])
  })

  it('ends at an event that does not end', () => {
    const read = createFeedReader()
    expect(() => {
      for (let piece = 0; piece < 100; piece++) read('x'.repeat(1_000))
    }).toThrow(/does not end/)
  })
})
