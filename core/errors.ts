/** What can go wrong across a boundary. The renderer chooses its sentence by the code; nobody reads the message but a maintainer. */
export type ErrorCode =
  /** The input does not have the shape that the method takes. */
  | 'invalid'
  /** There is no such document, folder, person or version here. */
  | 'not-found'
  /** The data folder cannot be written. */
  | 'read-only'
  /** The disk is full. What is on the screen is kept in memory and written as soon as there is room. */
  | 'disk-full'
  /** Another Palimpsest uses this data folder. */
  | 'locked'
  /** The person's key is sealed by the platform's key store, which does not open it. */
  | 'key-store'
  /** Bytes on disk or from outside that do not decode. */
  | 'damaged'
  /** What a relay stored of a document is damaged. It serves the others. */
  | 'damaged-there'
  /** The input is larger than what is accepted. */
  | 'too-large'
  /** The other side is not reachable. */
  | 'unreachable'
  /** The other side answers, and is not a Palimpsest relay. */
  | 'not-a-relay'
  /** The other side does not allow it. */
  | 'refused'
  /** The person has no right to this. */
  | 'not-allowed'
  /** The relay grants a person so much and no more, and that is used up. */
  | 'no-room'
  /** A password is asked for, or the one that was given is wrong. */
  | 'password'
  /** The person cancelled. */
  | 'cancelled'
  /** The engine stopped while the call was under way. It is started again; the call may be repeated. */
  | 'engine-gone'
  /** A fault of ours. */
  | 'internal'

/** The one error class of the product. `message` is for logs, `code` for decisions, `detail` for a sentence to the person. */
export class PalimpsestError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; detail?: string }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PalimpsestError'
    this.code = code
    this.detail = options?.detail
  }
}

/** Any thrown value as a `PalimpsestError`; what is not one becomes `internal` with the original as its cause. */
export function asPalimpsestError(thrown: unknown): PalimpsestError {
  if (thrown instanceof PalimpsestError) return thrown
  return new PalimpsestError('internal', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}
