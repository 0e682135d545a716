/**
 * Links that open the status page once. Whoever may read the data folder makes them, also from another process than the relay's: a link is a file that is named by
 * the hash of its secret, and is used by removing that file, which only one can. The relay makes them for its owners too; such a link names its person.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPersonKey, type PersonKey } from '../../core/ids.ts'
import { hashOf, newSecret } from '../people/secrets.ts'

const minuteMs = 60_000
const linkMs = 10 * minuteMs
const secretPattern = /^[\w-]{20,64}$/

export const linkMinutes = linkMs / minuteMs

/** For whom a link is; null where it was made by somebody who may read the data folder. */
export interface Looker {
  person: PersonKey | null
}

export class StatusLinks {
  readonly #folder: string
  readonly #now: () => number

  constructor(dataDir: string, now: () => number = Date.now) {
    this.#folder = join(dataDir, 'status-links')
    this.#now = now
  }

  /** Returns the secret of a new link, which is good once, for ten minutes. */
  make(person: PersonKey | null = null): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    this.#dropOld()
    const secret = newSecret()
    writeFileSync(this.#file(secret), `${this.#now() + linkMs} ${person ?? ''}`, { mode: 0o600 })
    return secret
  }

  /** Uses a link. Null for one that is not good. */
  use(secret: string): Looker | null {
    if (!secretPattern.test(secret)) return null
    const file = this.#file(secret)
    try {
      const [until, person] = readFileSync(file, 'utf8').split(' ')
      unlinkSync(file)
      return Number(until) > this.#now() ? { person: isPersonKey(person) ? person : null } : null
    } catch {
      // There is none, or somebody else has just used it.
      return null
    }
  }

  #dropOld(): void {
    for (const name of readdirSync(this.#folder)) {
      const file = join(this.#folder, name)
      if (Number.parseInt(readFileSync(file, 'utf8'), 10) <= this.#now()) rmSync(file, { force: true })
    }
  }

  #file(secret: string): string {
    return join(this.#folder, hashOf(secret).toString('hex'))
  }
}
