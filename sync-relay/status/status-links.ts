/**
 * Links that open the status page once. Whoever may read the data folder makes them, also from another process than the relay's: a link is a file that is named by
 * the hash of its secret, and is used by removing that file, which only one can.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf, newSecret } from '../people/secrets.ts'

const minuteMs = 60_000
const linkMs = 10 * minuteMs
const secretPattern = /^[\w-]{20,64}$/

export const linkMinutes = linkMs / minuteMs

export class StatusLinks {
  readonly #folder: string
  readonly #now: () => number

  constructor(dataDir: string, now: () => number = Date.now) {
    this.#folder = join(dataDir, 'status-links')
    this.#now = now
  }

  /** Returns the secret of a new link, which is good once, for ten minutes. */
  make(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#dropOld()
    const secret = newSecret()
    writeFileSync(this.#file(secret), String(this.#now() + linkMs), { mode: 0o600 })
    return secret
  }

  /** Uses a link. Returns whether it was good. */
  use(secret: string): boolean {
    if (!secretPattern.test(secret)) return false
    const file = this.#file(secret)
    try {
      const until = Number(readFileSync(file, 'utf8'))
      unlinkSync(file)
      return until > this.#now()
    } catch {
      // There is none, or somebody else has just used it.
      return false
    }
  }

  #dropOld(): void {
    for (const name of readdirSync(this.#folder)) {
      const file = join(this.#folder, name)
      if (Number(readFileSync(file, 'utf8')) <= this.#now()) rmSync(file, { force: true })
    }
  }

  #file(secret: string): string {
    return join(this.#folder, hashOf(secret).toString('hex'))
  }
}
