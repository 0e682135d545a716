/**
 * `safeStorage` of the main process. The platform's key store is a file with a key that the environment names: where it names none, or the file is not there, the
 * platform has no key store, or one that does not open.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type Electron from 'electron'

const file = process.env['STANDIN_KEY_STORE'] ?? ''
const key = () => createHash('sha256').update(readFileSync(file)).digest()

export const safeStorage = {
  getSelectedStorageBackend: () => (existsSync(file) ? 'gnome_libsecret' : 'basic_text'),
  isAsyncEncryptionAvailable: async () => existsSync(file),
  async encryptStringAsync(text: string) {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key(), nonce)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  },
  async decryptStringAsync(sealed: Buffer) {
    const decipher = createDecipheriv('aes-256-gcm', key(), sealed.subarray(0, 12)).setAuthTag(sealed.subarray(-16))
    const result = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString('utf8')
    return { shouldReEncrypt: false, result }
  },
} satisfies Pick<
  Electron.SafeStorage,
  'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync'
>
