/**
 * The code that one device shows and another one is told. 60 random bits, of which both derive where they meet on the relay and the key that seals what they leave there
 * for each other. Derived slowly, so that a relay that knows the place would have to try codes for longer than anybody lives.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import * as v from 'valibot'
import { PalimpsestError } from '../../../core/errors.ts'
import { type DeviceKey, type DocumentId, isDocumentId, isPersonKey, type PersonKey } from '../../../core/ids.ts'
import { maxVouchers } from '../../../core/protocol/relay-api.ts'
import { isRelayAddress } from '../../../core/protocol/share-link.ts'

/** Crockford's: no I, L, O and U, which are misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 12
const codePattern = new RegExp(`^[${alphabet}]{${length}}$`)

/** Where two devices meet, and what seals their messages. */
export interface Meeting {
  /** 16 bytes, hex. */
  readonly id: string
  readonly key: Buffer
}

/** Grouped as it is shown: `K7QF-93MX-2PHD`. */
export function newCode(): string {
  const letters = [...randomBytes(length)].map((byte) => alphabet[byte % 32]).join('')
  return letters.replace(/(.{4})(?=.)/g, '$1-')
}

/** The code as somebody typed it. Throws `invalid` with a sentence for the person. */
export function readCode(typed: string): string {
  const code = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  if (codePattern.test(code)) return code
  throw new PalimpsestError('invalid', 'no pairing code', {
    detail: 'This is not a whole code. It has twelve letters and digits, as your other device shows them.',
  })
}

/** 32 MB and about a tenth of a second. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

export function meetingOf(code: string): Promise<Meeting> {
  return new Promise((resolve, reject) => {
    scrypt(readCode(code), 'Palimpsest pairing 1', 48, cost, (error, derived) => {
      if (error) reject(error)
      else resolve({ id: derived.subarray(0, 16).toString('hex'), key: derived.subarray(16) })
    })
  })
}

const key = v.custom<PersonKey>(isPersonKey)

/** What a device that wants to join says. */
const question = v.object({ device: key, name: v.pipe(v.string(), v.maxLength(100)) })
export type Question = v.InferOutput<typeof question>

/** What it is told: nothing, or all that it takes to be a device of that person. */
const answer = v.variant('accepted', [
  v.object({ accepted: v.literal(false) }),
  v.object({
    accepted: v.literal(true),
    person: key,
    name: v.pipe(v.string(), v.maxLength(100)),
    color: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7))),
    library: v.custom<DocumentId>(isDocumentId),
    /** The relay that has the library. */
    relay: v.pipe(v.string(), v.check(isRelayAddress)),
    vouchers: v.pipe(
      v.array(v.object({ by: key, device: key, signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)) })),
      v.maxLength(maxVouchers),
    ),
    linkKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  }),
])
export type Answer = v.InferOutput<typeof answer>

export const sealQuestion = (meeting: Meeting, value: Question): string => seal(meeting, 'question', value)
export const openQuestion = (meeting: Meeting, sealed: string): Question => v.parse(question, unseal(meeting, 'question', sealed))

/** An answer is for one device: that of the question. */
export const sealAnswer = (meeting: Meeting, device: DeviceKey, value: Answer): string => seal(meeting, `answer to ${device}`, value)
export const openAnswer = (meeting: Meeting, device: DeviceKey, sealed: string): Answer =>
  v.parse(answer, unseal(meeting, `answer to ${device}`, sealed))

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** `purpose` is sealed along, so that one message cannot be shown in the place of another. */
function seal({ id, key: secret }: Meeting, purpose: string, value: unknown): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(`${id} ${purpose}`))
  return Buffer.concat([nonce, cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** Throws where the message is not of somebody who knows the code, or not for this purpose. */
function unseal({ id, key: secret }: Meeting, purpose: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < nonceBytes + tagBytes) throw new Error('too short')
  const decipher = createDecipheriv(algorithm, secret, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(`${id} ${purpose}`)).setAuthTag(bytes.subarray(-tagBytes))
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString('utf8'))
}
