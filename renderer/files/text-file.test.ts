import { expect, test } from 'vitest'
import { decodeText, largestTextBytes } from './text-file.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const decoded = (input: Uint8Array) => {
  const result = decodeText(input)
  return result.kind === 'text' ? result.text : null
}

test('UTF-8 and UTF-16 are read, with their marks or without', () => {
  expect(decoded(new TextEncoder().encode('Größe 日本'))).toBe('Größe 日本')
  expect(decoded(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('a')
  expect(decoded(bytes(0xff, 0xfe, 0x61, 0, 0xe4, 0))).toBe('aä')
  expect(decoded(bytes(0xfe, 0xff, 0, 0x61))).toBe('a')
  const written = Buffer.from('Größe, не всё видно\n', 'utf16le')
  expect(decoded(written)).toBe('Größe, не всё видно\n')
  expect(decoded(Buffer.from(written).swap16())).toBe('Größe, не всё видно\n')
})

test('an older encoding is read, and said', () => {
  expect(decodeText(bytes(0x63, 0x61, 0x66, 0xe9))).toMatchObject({
    kind: 'text',
    text: 'café',
    note: expect.stringContaining('Western European'),
  })
})

test.each([
  ['nothing', new Uint8Array(), 'empty'],
  ['spaces', new TextEncoder().encode(' \n\t '), 'no text'],
  ['zero bytes', bytes(0x61, 0, 0x62), 'not a text'],
  ['numbers of two bytes', Uint8Array.from({ length: 4_000 }, (_, at) => (at % 2 === 0 ? (at / 2) % 31 : 0)), 'not a text'],
  ['control characters', bytes(0x50, 0x4b, 3, 4, 0x14, 6, 8, 1), 'not a text'],
  ['too much', new Uint8Array(largestTextBytes + 1).fill(0x61), 'larger than'],
])('%s is refused with a reason', (_, input, reason) => {
  expect(decodeText(input)).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) })
})
