/** The person's key on the disk, with and without a key store of the platform. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { KeyStore } from './key-store.ts'
import { newDevice, openIdentity } from './identity.ts'
import { DurableFiles } from './storage/durable-files.ts'
import { connect, startEngine, temporaryFolder } from './testing/test-engine.ts'

/** Seals with a key of its own, as long as it is open. */
class Keyring implements KeyStore {
  readonly #key = randomBytes(32)
  isOpen = true

  async seal(text: string): Promise<string | null> {
    if (!this.isOpen) return null
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
  }

  async unseal(sealed: string): Promise<string | null> {
    if (!this.isOpen) return null
    try {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
    } catch {
      return null
    }
  }
}

const names = ['identity.json', 'identity.copy.json']
const contentsOf = (dataDir: string) => names.map((name) => readFileSync(join(dataDir, name), 'utf8'))

/** Who an engine on a folder writes as. */
async function personOn(dataDir: string, keyStore: KeyStore | null) {
  const engine = await startEngine(dataDir, { keyStore })
  const { me } = await connect(engine).call('engine.info', {})
  await engine.close()
  return me.key
}

describe('a key store', () => {
  it('seals the key: whoever has the files alone does not have it', async () => {
    const [dataDir, keyring] = [temporaryFolder(), new Keyring()]
    const person = await personOn(dataDir, keyring)
    for (const text of contentsOf(dataDir)) {
      expect(text).not.toContain('privateKey')
      expect(Object.keys(JSON.parse(text) as object)).toEqual(['version', 'sealed'])
    }
    for (const name of names) expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600)
    expect(await personOn(dataDir, keyring)).toBe(person)
  })

  it('that appears later seals what was plain, and the person stays who they are', async () => {
    const [dataDir, keyring] = [temporaryFolder(), new Keyring()]
    const person = await personOn(dataDir, null)
    expect(contentsOf(dataDir)[0]).toContain('privateKey')
    expect(await personOn(dataDir, keyring)).toBe(person)
    for (const text of contentsOf(dataDir)) expect(text).not.toContain('privateKey')
    expect(await personOn(dataDir, keyring)).toBe(person)
  })

  it.each([
    ['does not open', (keyring: Keyring) => Object.assign(keyring, { isOpen: false })],
    ['is gone', () => null],
    ['is that of another computer', () => new Keyring()],
  ])('that %s later stops the engine with the reason, touches nothing, and makes nobody new', async (_, later) => {
    const [dataDir, keyring] = [temporaryFolder(), new Keyring()]
    const person = await personOn(dataDir, keyring)
    const before = contentsOf(dataDir)
    await expect(startEngine(dataDir, { keyStore: later(keyring) })).rejects.toMatchObject({ code: 'key-store' })
    expect(contentsOf(dataDir)).toEqual(before)
    expect(existsSync(join(dataDir, 'quarantine')) ? readdirSync(join(dataDir, 'quarantine')) : []).toEqual([])
    keyring.isOpen = true
    expect(await personOn(dataDir, keyring)).toBe(person)
  })

  it('leaves the copy when one of the two files is damaged', async () => {
    const [dataDir, keyring] = [temporaryFolder(), new Keyring()]
    const person = await personOn(dataDir, keyring)
    for (const damage of ['{"version":1', JSON.stringify({ version: 1, sealed: 'AAAA' })]) {
      writeFileSync(join(dataDir, 'identity.json'), damage)
      expect(await personOn(dataDir, keyring)).toBe(person)
      const [first] = contentsOf(dataDir)
      expect(first).not.toBe(damage)
    }
  })

  it('that cannot open what it sealed is not trusted with the key', async () => {
    const dataDir = temporaryFolder()
    const forgetful: KeyStore = { seal: async () => 'sealed', unseal: async () => null }
    const person = await personOn(dataDir, forgetful)
    expect(contentsOf(dataDir)[0]).toContain('privateKey')
    expect(await personOn(dataDir, null)).toBe(person)
  })

  it('also seals what a device was before it joined, and what it is then', async () => {
    const [dataDir, keyring, device] = [temporaryFolder(), new Keyring(), newDevice()]
    const files = new DurableFiles(join(dataDir, 'tmp'))
    const identity = await openIdentity(files, dataDir, keyring)
    await identity.keep()
    const other = newDevice().key
    await identity.become(device, { person: other, vouchers: [], linkKey: 'ab'.repeat(32) }, identity.library)
    const all = readdirSync(dataDir).filter((name) => name.startsWith('identity'))
    expect(all).toHaveLength(3)
    for (const name of all) expect(readFileSync(join(dataDir, name), 'utf8')).not.toMatch(/privateKey|linkKey/)
    expect(await openIdentity(files, dataDir, keyring)).toMatchObject({ key: other, device: device.key, former: identity.library })
  })
})
