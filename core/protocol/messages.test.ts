import { cbor } from '@automerge/automerge-repo/slim'
import { describe, expect, it } from 'vitest'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { type ClientMessage, readClientMessage, readRelayMessage, writeMessage } from './messages.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ'
const addressed = { senderId: 'ada', targetId: 'relay', documentId }
const data = Uint8Array.of(0x42, 0, 0, 0)

describe('a message of a client', () => {
  it.each([
    { type: 'join', senderId: 'ada', peerMetadata: { storageId: 'x', isEphemeral: false }, supportedProtocolVersions: ['1'] },
    { type: 'request', ...addressed, data },
    { type: 'sync', ...addressed, data },
    { type: 'ephemeral', ...addressed, count: 4_294_967_297, sessionId: 's', data },
    { type: 'doc-unavailable', ...addressed },
    { type: 'leave', senderId: 'ada' },
    { type: 'remote-heads-changed', ...addressed, newHeads: { x: { heads: [], timestamp: 1.5e12 } } },
  ])('is read as automerge-repo writes it: $type', (message) => {
    expect(message).toMatchObject(readClientMessage(Uint8Array.from(cbor.encode(message))))
  })

  it('is written as automerge-repo reads it', () => {
    const message: ClientMessage = { type: 'sync', ...addressed, data } as ClientMessage
    expect(cbor.decode(writeMessage(message))).toEqual(message)
  })

  it.each([
    ['of an unknown type', { type: 'hello' }],
    ['with no type', {}],
    ['that is no map', 7],
    ['with a document id that is none', { type: 'sync', ...addressed, documentId: '../etc', data }],
    ['with text for bytes', { type: 'sync', ...addressed, data: 'abc' }],
    ['with a number for a name', { type: 'join', senderId: 5 }],
    ['with a name that has no end', { type: 'join', senderId: 'a'.repeat(10_000) }],
    ['that only a relay may send', { type: 'ack', number: 1 }],
    ['with no changes', { type: 'changes', channel: 1, changes: [], number: 1 }],
    ['with a channel that is no whole number', { type: 'changes', channel: 1.5, changes: [data], number: 1 }],
  ])('is refused: %s', (_, message) => {
    expect(() => readClientMessage(cbor.encode(message))).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})

it('a message of the live stream costs few bytes beside its changes', () => {
  const change = new Uint8Array(150)
  expect(writeMessage({ type: 'changes', channel: 70_000, changes: [change] }).length - change.length).toBeLessThan(45)
})

it('a message that only a client may send is refused at the client', () => {
  expect(() => readRelayMessage(cbor.encode({ type: 'join', senderId: 'ada' }))).toThrow(expect.objectContaining({ code: 'invalid' }))
})

describe('CBOR from outside', () => {
  const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))

  it.each([
    ['nothing', ''],
    ['an array that announces a hundred million entries', '9a 05f5e100'],
    ['a hundred arrays, each announcing 33 million', '9a 01ffffff'.repeat(100)],
    ['a map that announces more than there is', 'ba 7fffffff 01'],
    ['bytes that are cut off', '5a 00ffffff 01'],
    ['text with a length of 2⁶³', '7b 8000000000000000'],
    ['a length that is not known beforehand', '9f 01 ff'],
    ['a tag', 'c1 01'],
    ['a thousand arrays in each other', `${'81'.repeat(1_000)}01`],
    ['two items', '01 02'],
    ['a reserved byte', '1c'],
  ])('is refused: %s', (_, text) => {
    expect(() => decodeCbor(hex(text))).toThrow(expect.objectContaining({ code: 'damaged' }))
  })

  it('gives bytes that can be copied out of their frame', () => {
    const frame = Buffer.concat([Buffer.alloc(1_000), encodeCbor({ bytes: Uint8Array.of(1, 2, 3) })]).subarray(1_000)
    const { bytes } = decodeCbor(frame) as { bytes: Uint8Array }
    expect(bytes.buffer).toBe(frame.buffer)
    expect(bytes.slice().buffer.byteLength).toBe(3)
  })

  it('comes back as it was', () => {
    const value = { a: [1, -1, 1.5, 2 ** 40, true, false, null], bytes: Uint8Array.of(1, 2, 3), text: 'ä€𝄞', nested: { deep: [[[]]] } }
    expect(decodeCbor(encodeCbor(value))).toEqual({ ...value, bytes: expect.objectContaining([1, 2, 3]) })
  })
})
