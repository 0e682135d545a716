/** The platform's key store, through Electron: seals small texts so that only this user on this computer can open them. */
import { safeStorage } from 'electron'
import type { EngineMessage, HostMessage } from '../../core/contract/process.ts'

/** Answers the engine. Whatever goes wrong is null to it: it knows what to do without a key store. */
export async function askKeyStore({ type, id, text }: Extract<EngineMessage, { type: 'seal' | 'unseal' }>): Promise<HostMessage> {
  try {
    return { type: 'key-store', id, text: type === 'seal' ? await seal(text) : await unseal(text) }
  } catch (error) {
    console.error(`The key store does not ${type}: ${String(error)}`)
    return { type: 'key-store', id, text: null }
  }
}

async function seal(text: string): Promise<string | null> {
  // On Linux without a keyring Electron would seal with a password that everybody knows.
  const isReal = process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text'
  if (!isReal || !(await safeStorage.isAsyncEncryptionAvailable())) return null
  return (await safeStorage.encryptStringAsync(text)).toString('base64')
}

async function unseal(sealed: string): Promise<string> {
  return (await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result
}
