import type { DeviceKey, PersonKey } from '../core/ids.ts'
import type { Signer } from '../main/engine/sync/relay-account.ts'

/** Somebody whom no relay that knows its people lets in: the signature is none. An open relay asks for none. */
export const unknownSigner: Signer = {
  key: 'aa'.repeat(32) as DeviceKey,
  person: 'aa'.repeat(32) as PersonKey,
  vouchers: [],
  deviceName: '',
  sign: () => new Uint8Array(64),
  profile: () => ({ name: 'Ada', color: null }),
}
