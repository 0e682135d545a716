/** What a file's bytes say, if they are text. */
export type DecodedText =
  | { readonly kind: 'text'; readonly text: string; readonly note: string | null }
  | { readonly kind: 'refused'; readonly reason: string }

/** Longer than any novel. A larger text would take so long to open that nobody could write in it. */
export const largestTextBytes = 4 * 1024 * 1024

/** Decodes UTF-8, UTF-16, and what is left as Western European, which it then says. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length === 0) return { kind: 'refused', reason: 'It is empty.' }
  if (bytes.length > largestTextBytes) {
    return { kind: 'refused', reason: `It is larger than ${largestTextBytes / 1024 / 1024} MB. Split it and import the parts.` }
  }
  const marked = encodingOfMark(bytes)
  if (marked) return { kind: 'text', text: new TextDecoder(marked).decode(bytes), note: null }
  if (bytes.includes(0)) return decodeUnmarked(bytes)
  try {
    return accepted(new TextDecoder('utf-8', { fatal: true }).decode(bytes), null)
  } catch {
    // Not UTF-8: an older encoding, of which this is the most common.
    return accepted(
      new TextDecoder('windows-1252').decode(bytes),
      'It was read as Western European text; look whether its letters are right.',
    )
  }
}

/**
 * UTF-16 that does not say so, as some Windows programs write it: in every script that separates words by spaces one byte in two of many characters is zero, and
 * always the same one.
 */
function decodeUnmarked(bytes: Uint8Array): DecodedText {
  const zeros = [0, 0]
  bytes.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2]! += 1
  })
  const [even = 0, odd = 0] = zeros
  const isPaired = bytes.length % 2 === 0 && Math.max(even, odd) > bytes.length / 20 && Math.min(even, odd) === 0
  if (!isPaired) return { kind: 'refused', reason: 'It is not a text.' }
  return accepted(new TextDecoder(even > odd ? 'utf-16be' : 'utf-16le').decode(bytes), null)
}

function encodingOfMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : null
}

/** Files of bytes decode to text too; what gives them away is that it is full of control characters. */
function accepted(text: string, note: string | null): DecodedText {
  const sample = text.slice(0, 20_000)
  const controls = sample.match(/[\u0001-\u0008\u000E-\u001A\u001C-\u001F\u007F]/g)?.length ?? 0
  if (controls > sample.length / 200) return { kind: 'refused', reason: 'It is not a text.' }
  if (text.trim() === '') return { kind: 'refused', reason: 'There is no text in it.' }
  return { kind: 'text', text, note }
}
