/**
 * An identity on the disk: a small record that only the user can read, sealed as a whole with the platform's key store where there is one.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import * as v from 'valibot'
import { type DeviceKey, type DocumentId, isDocumentId, isPersonKey, type PersonKey } from '../../core/ids.ts'
import type { KeyStore } from './key-store.ts'
import { type DurableFiles, isMissing } from './storage/durable-files.ts'

const recordParser = v.object({
  version: v.literal(1),
  /** PKCS #8, base64. */
  privateKey: v.pipe(
    v.string(),
    v.transform((text) => createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })),
  ),
  library: v.custom<DocumentId>(isDocumentId),
  /** Only of a device that joined. */
  membership: v.optional(
    v.object({
      person: v.custom<PersonKey>(isPersonKey),
      vouchers: v.array(
        v.object({ by: v.custom<DeviceKey>(isPersonKey), device: v.custom<DeviceKey>(isPersonKey), signature: v.string() }),
      ),
      linkKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
  former: v.optional(v.nullable(v.custom<DocumentId>(isDocumentId)), null),
})
export type IdentityRecord = v.InferOutput<typeof recordParser>

const sealedParser = v.object({ version: v.literal(1), sealed: v.string() })

export interface StoredIdentity {
  record: IdentityRecord
  isSealed: boolean
}

export class IdentityFile {
  readonly #files: DurableFiles
  readonly #keyStore: KeyStore | null

  constructor(files: DurableFiles, keyStore: KeyStore | null) {
    this.#files = files
    this.#keyStore = keyStore
  }

  /** `closed` where the key store does not open what it sealed, or where there is none any more. */
  async read(path: string): Promise<StoredIdentity | 'missing' | 'damaged' | 'closed'> {
    try {
      const json: unknown = JSON.parse(await this.#files.fs.readFile(path, 'utf8'))
      if (!v.is(sealedParser, json)) return { record: v.parse(recordParser, json), isSealed: false }
      const text = (await this.#keyStore?.unseal(json.sealed)) ?? null
      return text === null ? 'closed' : { record: v.parse(recordParser, JSON.parse(text)), isSealed: true }
    } catch (error) {
      if (isMissing(error)) return 'missing'
      if (error instanceof SyntaxError || error instanceof v.ValiError || isCryptoError(error)) return 'damaged'
      throw error
    }
  }

  /** Whether a file that was read would be sealed if it were written now. */
  async wouldSeal({ record, isSealed }: StoredIdentity): Promise<boolean> {
    return !isSealed && (await this.#seal(textOf(record))) !== null
  }

  /** Writes both forms for the user alone; plain where the key store cannot seal. */
  async write(path: string, record: IdentityRecord): Promise<void> {
    const text = textOf(record)
    const sealed = await this.#seal(text)
    await this.#files.write(path, Buffer.from(sealed === null ? text : JSON.stringify({ version: 1, sealed })), 0o600)
  }

  /** What cannot be opened again is as good as lost, so it is tried. */
  async #seal(text: string): Promise<string | null> {
    const sealed = (await this.#keyStore?.seal(text)) ?? null
    return sealed !== null && (await this.#keyStore?.unseal(sealed)) === text ? sealed : null
  }
}

const textOf = (record: IdentityRecord): string =>
  JSON.stringify({ ...record, privateKey: record.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') })

/** The last 32 bytes of the public key's DER form are the key itself. */
export function publicKeyOf(privateKey: KeyObject): DeviceKey {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return der.subarray(der.length - 32).toString('hex') as DeviceKey
}

const isCryptoError = (error: unknown) => String((error as { code?: string }).code ?? '').startsWith('ERR_')
