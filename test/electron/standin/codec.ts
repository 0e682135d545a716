/**
 * Values on their way between the main process and a page, as JSON. Only what the app sends is known; anything else throws, so that the app
 * cannot come to rely on what real Electron would do with it. Runs in Node and, as text, in the page: no imports, no outer names.
 */
export interface Codec {
  encode(value: unknown): unknown
  decode(encoded: unknown): unknown
}

export function createCodec(): Codec {
  interface Base64Bytes {
    toBase64(): string
  }
  const bytesOf = Uint8Array as unknown as { fromBase64(text: string): Uint8Array }
  const inNode = typeof Buffer !== 'undefined'
  const toText = (bytes: Uint8Array) => (inNode ? Buffer.from(bytes).toString('base64') : (bytes as unknown as Base64Bytes).toBase64())
  const toBytes = (text: string) => (inNode ? new Uint8Array(Buffer.from(text, 'base64')) : bytesOf.fromBase64(text))

  function encode(value: unknown): unknown {
    if (value === undefined) return ['undefined']
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value
    if (value instanceof Uint8Array) return ['bytes', toText(value)]
    if (Array.isArray(value)) return ['array', value.map(encode)]
    if (typeof value === 'object' && Object.getPrototypeOf(Object.getPrototypeOf(value) ?? null) === null)
      return ['object', Object.entries(value).map(([name, item]) => [name, encode(item)])]
    throw new Error(`An object could not be cloned: ${String(value)}`)
  }

  function decode(encoded: unknown): unknown {
    if (!Array.isArray(encoded)) return encoded
    const [kind, content] = encoded as [string, never]
    if (kind === 'undefined') return undefined
    if (kind === 'bytes') return toBytes(content)
    if (kind === 'array') return (content as unknown[]).map(decode)
    return Object.fromEntries((content as [string, unknown][]).map(([name, item]) => [name, decode(item)]))
  }

  return { encode, decode }
}
