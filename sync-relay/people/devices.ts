/**
 * The devices of people. Each has a key of its own; the first one's is the person's. A later one shows a chain of vouchers, each signed by the device before it,
 * which begins with the person's key. So a device can come to a relay that only another one of its person has been to, or none.
 *
 * A device that was removed stays known, so that no voucher brings it back.
 */
import type Database from 'better-sqlite3'
import type { DeviceKey, PersonKey } from '../../core/ids.ts'
import { type Voucher, voucherText } from '../../core/protocol/sign-in.ts'
import { ApiRefusal } from './api-refusal.ts'
import type { Actor, Audit } from './audit.ts'
import { durably } from './people-file.ts'
import { isSignedBy } from './secrets.ts'

export interface Device {
  key: DeviceKey
  name: string
  addedAt: number
  seenAt: number
}

/** Devices of one person that are on the relay. */
const maxDevices = 20
/** Devices of one person that are remembered, those that were removed included. */
const maxKnown = 200

export class Devices {
  readonly #db: Database.Database
  readonly #audit: Audit
  readonly #now: () => number
  readonly #sql

  constructor(db: Database.Database, audit: Audit, now: () => number) {
    this.#db = db
    this.#audit = audit
    this.#now = now
    this.#sql = statements(db)
  }

  /** Whose device a key is that has proved itself. Throws `device-removed` or `device-unknown`. */
  personOf({ key, person = key, vouchers }: { key: DeviceKey; person?: PersonKey | undefined; vouchers: readonly Voucher[] }): PersonKey {
    const known = this.#sql.device.get(person, key)
    if (known && known.removed_at !== null) throw removed
    if (!known && person !== key && !this.#isVouchedFor(person, key, vouchers))
      throw new ApiRefusal('device-unknown', 'no device of this person vouches for this one')
    return person
  }

  /** A device has signed in: it is the person's from now on. Throws `device-removed` or `too-many`. */
  keep(person: PersonKey, key: DeviceKey, name: string, actor: Actor): void {
    const known = this.#sql.device.get(person, key)
    if (known && known.removed_at !== null) throw removed
    if (known) return void this.#sql.seen.run(name, this.#now(), person, key)
    if (this.list(person).length >= maxDevices) throw new ApiRefusal('too-many', `a person has at most ${maxDevices} devices here`)
    this.#makeRoom(person)
    durably(this.#db, () => {
      this.#sql.add.run(person, key, name, this.#now(), this.#now(), null)
      if (key !== person) this.#audit.note(actor, 'device.add', { person, device: key })
    })
  }

  /** A device is, or was until now, connected. */
  noteSeen(person: PersonKey, key: DeviceKey): void {
    this.#sql.seenAgain.run(this.#now(), person, key)
  }

  /** The first one first. */
  list(person: PersonKey): Device[] {
    return this.#sql.devices.all(person)
  }

  /** Removes a device of the acting person, also one that never came here. A device cannot remove itself. */
  remove(key: DeviceKey, by: Actor & { person: PersonKey }, own: DeviceKey): void {
    if (key === own) throw new ApiRefusal('not-allowed', 'a device is removed from another one')
    if (this.#sql.device.get(by.person, key)?.removed_at != null) return
    this.#makeRoom(by.person)
    durably(this.#db, () => {
      const now = this.#now()
      if (this.#sql.remove.run(now, by.person, key).changes === 0) this.#sql.add.run(by.person, key, '', now, now, now)
      this.#audit.note(by, 'device.remove', { device: key })
    })
  }

  #makeRoom(person: PersonKey): void {
    if ((this.#sql.count.get(person)?.count ?? 0) >= maxKnown) throw new ApiRefusal('too-many', `more than ${maxKnown} devices`)
  }

  /** The chain is whole, and the nearest device in it that is known here is still the person's. */
  #isVouchedFor(person: PersonKey, key: DeviceKey, vouchers: readonly Voucher[]): boolean {
    if (vouchers[0]?.by !== person || vouchers.at(-1)?.device !== key) return false
    const isWhole = vouchers.every(
      ({ by, device, signature }, at) =>
        (at === 0 || vouchers[at - 1]?.device === by) && isSignedBy(by, voucherText({ person, by, device }), signature),
    )
    const nearest = vouchers
      .toReversed()
      .map(({ by }) => this.#sql.device.get(person, by))
      .find((device) => device !== undefined)
    return isWhole && (nearest === undefined || nearest.removed_at === null)
  }
}

const removed = new ApiRefusal('device-removed', 'this device was removed by another one of its person')

function statements(db: Database.Database) {
  return {
    device: db.prepare<[string, string], { removed_at: number | null }>('select removed_at from devices where person = ? and key = ?'),
    devices: db.prepare<[string], Device>(`
      select key, name, added_at as addedAt, seen_at as seenAt from devices
      where person = ? and removed_at is null order by key <> person, added_at, key`),
    count: db.prepare<[string], { count: number }>('select count(*) as count from devices where person = ?'),
    add: db.prepare<[string, string, string, number, number, number | null]>('insert into devices values (?, ?, ?, ?, ?, ?)'),
    seen: db.prepare<[string, number, string, string]>('update devices set name = ?, seen_at = ? where person = ? and key = ?'),
    seenAgain: db.prepare<[number, string, string]>('update devices set seen_at = ? where person = ? and key = ?'),
    remove: db.prepare<[number, string, string]>('update devices set removed_at = ? where person = ? and key = ?'),
  }
}
