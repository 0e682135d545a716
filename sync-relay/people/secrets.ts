/** Secrets: drawn at random, kept as hashes only. */
import { createHash, createPublicKey, randomBytes, scrypt, type ScryptOptions, timingSafeEqual, verify } from 'node:crypto'
import type { PersonKey } from '../../core/ids.ts'

/** 128 random bits or more, as text that fits into an address. */
export const newSecret = (bytes = 18): string => randomBytes(bytes).toString('base64url')

/** For secrets that are random themselves, and so cannot be guessed from a fast hash. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** 32 MB and about a tenth of a second for each guess, on the threads that wait for nothing else. */
const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** A memory-hard hash of what a person chose, with its salt and cost. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `scrypt$${cost.N}$${salt.toString('base64url')}$${(await derive(password, salt)).toString('base64url')}`
}

export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [, , salt = '', hash = ''] = kept.split('$')
  const expected = Buffer.from(hash, 'base64url')
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url')), expected)
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** What stands before the 32 bytes of an Ed25519 key in its DER form. */
const keyPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Whether `signature` is the person's own under `text`. */
export function isSignedBy(key: PersonKey, text: string, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([keyPrefix, Buffer.from(key, 'hex')]), format: 'der', type: 'spki' })
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'hex'))
  } catch {
    // 64 hex digits need not be a point of the curve: then nobody can sign with it.
    return false
  }
}
