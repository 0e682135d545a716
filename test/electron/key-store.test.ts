/** The person's key in the platform's key store, through the whole app. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../e2e/harness.ts'
import { launchDesktop, realElectron, startDesktopProgram } from './launch.ts'

const dataDir = temporaryFolder()
const keyFile = join(temporaryFolder(), 'key')
const env = { STANDIN_KEY_STORE: keyFile }
const identity = () => readFileSync(join(dataDir, 'identity.json'), 'utf8')

async function startAndQuit() {
  const app = await launchDesktop({ dataDir, env })
  const page = await app.firstWindow()
  await page.getByRole('button', { name: 'New document' }).first().waitFor()
  const code = await app.close()
  return { code, identity: identity() }
}

// Nobody but its owner can open and lock the key store of a real platform.
test.runIf(realElectron() === null)('is sealed once there is a key store, and a key store that fails makes nobody new', async () => {
  const before = await startAndQuit()
  expect(before.identity).toContain('privateKey')

  writeFileSync(keyFile, 'secret')
  const { identity: sealed } = await startAndQuit()
  expect(Object.keys(JSON.parse(sealed) as object)).toEqual(['version', 'sealed'])
  expect((await startAndQuit()).identity).toBe(sealed)

  rmSync(keyFile)
  const refused = startDesktopProgram({ dataDir, env })
  expect(await refused.exited).toBe(1)
  expect(refused.output()).toContain('is sealed by the key store')
  expect(identity()).toBe(sealed)

  writeFileSync(keyFile, 'secret')
  expect(await startAndQuit()).toEqual({ code: 0, identity: sealed })
})
