/**
 * Who this installation writes as. It has an Ed25519 key of its own, made on first run. On a person's first device that is the person's key, the author of every change;
 * another device that joins gets a new one, for which the others vouch, and writes with the person's key as the author all the same.
 * The record stands in two files, written one after the other, so that one damaged file does not make the person a stranger to their own words.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { generateAutomergeUrl, parseAutomergeUrl } from '@automerge/automerge-repo/slim'
import { PalimpsestError } from '../../core/errors.ts'
import type { DeviceKey, DocumentId, PersonKey } from '../../core/ids.ts'
import { type Voucher, voucherText } from '../../core/protocol/sign-in.ts'
import { IdentityFile, type IdentityRecord, publicKeyOf } from './identity-file.ts'
import type { KeyStore } from './key-store.ts'
import { type DurableFiles, diskProblem } from './storage/durable-files.ts'
import { setAside } from './storage/json-file.ts'

/** What a device knows of the person whom it joined. */
export interface Membership {
  readonly person: PersonKey
  /** From the person's first device to this one. */
  readonly vouchers: readonly Voucher[]
  /** 32 bytes, hex; see `link-secret.ts`. */
  readonly linkKey: string
}

export interface Identity extends Omit<Membership, 'person'> {
  /** The person's. */
  readonly key: PersonKey
  readonly device: DeviceKey
  /** The person's library document. */
  readonly library: DocumentId
  /** Whether it was made at this start, because there was none that could be read. */
  readonly isNew: boolean
  /** Whether both files were there, or one of them, and could not be read. */
  readonly wasDamaged: boolean
  /** Writes what is not in both files. A new identity must not be kept before its library is whole: until then the next start would make it again. */
  keep(): Promise<void>
  /** With the device's key. */
  sign(message: Uint8Array): Uint8Array
  /** The library of this installation from before it joined, where its documents are not in the person's library yet. */
  readonly former: DocumentId | null
  /** The former library has been taken over. */
  forgetFormer(): Promise<void>
  /** Keeps that this installation is a device of that person from the next start on. What it was is kept too, in `identity.former-….json`. */
  become(device: DevicePair, membership: Membership, library: DocumentId): Promise<void>
}

/** A device before it belongs to anybody. */
export interface DevicePair {
  readonly key: DeviceKey
  readonly privateKey: KeyObject
  sign(message: Uint8Array): Uint8Array
}

const names = ['identity.json', 'identity.copy.json']

/** Reads the identity, or makes one. Where nothing can be written the new one lasts as long as the process. */
export async function openIdentity(files: DurableFiles, dataDir: string, keyStore: KeyStore | null = null): Promise<Identity> {
  const file = new IdentityFile(files, keyStore)
  const stored = await Promise.all(names.map(async (name) => ({ name, found: await file.read(join(dataDir, name)) })))
  const known = stored.map(({ found }) => found).find((found) => typeof found === 'object')
  // Another identity would make the person a stranger for want of a password.
  if (!known && stored.some(({ found }) => found === 'closed'))
    throw new PalimpsestError('key-store', 'the key store does not open identity.json')
  const record = known?.record ?? newRecord()
  const keep = async () => {
    for (const { name, found } of stored) {
      if (found === 'damaged' || found === 'closed') await setAside(files, dataDir, name)
      // Of two that differ the first one holds: it is the later one, and the device was stopped while it became another.
      if (typeof found === 'object' && isSame(found.record, record) && !(await file.wouldSeal(found))) continue
      await file.write(join(dataDir, name), record).catch((error: unknown) => {
        if (!diskProblem(error)) throw error
      })
    }
  }
  const replace = async (next: IdentityRecord) => {
    for (const name of names) await file.write(join(dataDir, name), next)
  }
  const wasDamaged = !known && stored.some(({ found }) => found === 'damaged')
  return {
    ...identityOf(record),
    isNew: !known,
    wasDamaged,
    keep,
    forgetFormer: () => replace({ ...record, former: null }),
    async become(device, membership, library) {
      await file.write(join(dataDir, `identity.former-${publicKeyOf(record.privateKey).slice(0, 8)}.json`), record)
      await replace({
        version: 1,
        privateKey: device.privateKey,
        library,
        membership: { ...membership, vouchers: [...membership.vouchers] },
        former: record.library,
      })
    },
  }
}

export function newDevice(): DevicePair {
  const { privateKey } = generateKeyPairSync('ed25519')
  return { privateKey, key: publicKeyOf(privateKey), sign: (message) => sign(null, message, privateKey) }
}

/** Vouchers from the person's first device to `device`, the last one by this device. */
export function vouchFor(
  { key, device: by, vouchers, sign: signs }: Pick<Identity, 'key' | 'device' | 'vouchers' | 'sign'>,
  device: DeviceKey,
): Voucher[] {
  const signature = Buffer.from(signs(Buffer.from(voucherText({ person: key, by, device })))).toString('hex')
  return [...vouchers, { by, device, signature }]
}

/** Makes a document id as automerge-repo does. */
export const newDocumentId = (): DocumentId => parseAutomergeUrl(generateAutomergeUrl()).documentId as string as DocumentId

const newRecord = (): IdentityRecord => ({ version: 1, privateKey: newDevice().privateKey, library: newDocumentId(), former: null })

const isSame = (one: IdentityRecord, other: IdentityRecord) =>
  one.library === other.library && one.former === other.former && publicKeyOf(one.privateKey) === publicKeyOf(other.privateKey)

function identityOf({ privateKey, library, membership, former }: IdentityRecord) {
  const device = publicKeyOf(privateKey)
  const signs = (message: Uint8Array) => sign(null, message, privateKey)
  const linkKey = () =>
    createHash('sha256')
      .update(signs(Buffer.from('Palimpsest links\n')))
      .digest('hex')
  const { person: key, vouchers, linkKey: shared } = membership ?? { person: device, vouchers: [], linkKey: linkKey() }
  return { key, device, vouchers, linkKey: shared, library, former, sign: signs }
}
