/**
 * Who this installation writes as: an Ed25519 key made on first run. The public key is the person's key and the author of every change.
 * The record stands in two files, written one after the other, so that one damaged file does not make the person a stranger to their own words.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { generateAutomergeUrl, parseAutomergeUrl } from '@automerge/automerge-repo/slim'
import * as v from 'valibot'
import { type DocumentId, isDocumentId, type PersonKey } from '../../core/ids.ts'
import { type DurableFiles, diskProblem, isMissing } from './storage/durable-files.ts'
import { setAside } from './storage/json-file.ts'

export interface Identity {
  readonly key: PersonKey
  /** The person's library document. */
  readonly library: DocumentId
  /** Whether it was made at this start, because there was none that could be read. */
  readonly isNew: boolean
  /** Whether both files were there, or one of them, and could not be read. */
  readonly wasDamaged: boolean
  /** Writes what is not in both files. A new identity must not be kept before its library is whole: until then the next start would make it again. */
  keep(): Promise<void>
  sign(message: Uint8Array): Uint8Array
}

const names = ['identity.json', 'identity.copy.json']

const recordParser = v.object({
  version: v.literal(1),
  /** PKCS #8, base64. */
  privateKey: v.pipe(
    v.string(),
    v.transform((text) => createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' })),
  ),
  library: v.custom<DocumentId>(isDocumentId),
})
type IdentityRecord = v.InferOutput<typeof recordParser>

/** Reads the identity, or makes one. Where nothing can be written the new one lasts as long as the process. */
export async function openIdentity(files: DurableFiles, dataDir: string): Promise<Identity> {
  const stored = await Promise.all(names.map(async (name) => ({ name, record: await readRecord(files, join(dataDir, name)) })))
  const known = stored.map(({ record }) => record).find((record) => typeof record === 'object')
  const record = known ?? newRecord()
  const keep = async () => {
    for (const { name, record: found } of stored) {
      if (found === 'damaged') await setAside(files, dataDir, name)
      if (typeof found !== 'object') await writeRecord(files, join(dataDir, name), record)
    }
  }
  const wasDamaged = !known && stored.some((file) => file.record === 'damaged')
  return { ...identityOf(record), isNew: !known, wasDamaged, keep }
}

/** Makes a document id as automerge-repo does. */
export const newDocumentId = (): DocumentId => parseAutomergeUrl(generateAutomergeUrl()).documentId as string as DocumentId

const newRecord = (): IdentityRecord => ({ version: 1, privateKey: generateKeyPairSync('ed25519').privateKey, library: newDocumentId() })

function identityOf({ privateKey, library }: IdentityRecord): Pick<Identity, 'key' | 'library' | 'sign'> {
  return { key: publicKeyOf(privateKey), library, sign: (message) => sign(null, message, privateKey) }
}

/** The last 32 bytes of the public key's DER form are the key itself. */
function publicKeyOf(privateKey: KeyObject): PersonKey {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return der.subarray(der.length - 32).toString('hex') as PersonKey
}

async function readRecord(files: DurableFiles, path: string): Promise<IdentityRecord | 'missing' | 'damaged'> {
  try {
    return v.parse(recordParser, JSON.parse(await files.fs.readFile(path, 'utf8')))
  } catch (error) {
    if (isMissing(error)) return 'missing'
    if (error instanceof SyntaxError || error instanceof v.ValiError || isCryptoError(error)) return 'damaged'
    throw error
  }
}

const isCryptoError = (error: unknown) => String((error as { code?: string }).code ?? '').startsWith('ERR_')

async function writeRecord(files: DurableFiles, path: string, record: IdentityRecord): Promise<void> {
  const privateKey = record.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  try {
    await files.write(path, Buffer.from(JSON.stringify({ ...record, privateKey })), 0o600)
  } catch (error) {
    if (!diskProblem(error)) throw error
  }
}
