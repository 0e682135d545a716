/**
 * A compact form of graph headers for the disk: 32 bytes of hash and usually six more for a change. Layout, all numbers as LEB128:
 *
 *     version, first row, number of new actors, [length, id bytes, 0 | 1, author bytes]…, number of rows,
 *     [hash, number of dependencies, (row − dependency)…, actor number, startOp − end of the row before (signed), operations, seconds − those before (signed)]…
 *
 * Sequence numbers are not written: an actor's changes are numbered without a gap.
 */
import { PalimpsestError } from '../errors.ts'
import type { ActorId, PersonKey } from '../ids.ts'
import { ByteReader, ByteWriter, bytesOfHex, hexOf } from './bytes.ts'
import { hashBytes } from './hash-index.ts'
import type { HeaderTable } from './header-table.ts'

const version = 1

/** Packs the rows from `from` on. */
export function packHeaders(table: HeaderTable, from: number): Uint8Array {
  const out = new ByteWriter((table.count - from) * (hashBytes + 10) + 64)
  out.uint(version)
  out.uint(from)
  packActors(table, from, out)
  out.uint(table.count - from)
  let end = 0
  let seconds = 0
  for (let row = from; row < table.count; row++) {
    out.bytes(table.hashBytesAt(row))
    const deps = table.depCountAt(row)
    out.uint(deps)
    for (let at = 0; at < deps; at++) out.uint(row - table.depAt(row, at))
    out.uint(table.actorNumberAt(row))
    out.int(table.startOpAt(row) - end)
    out.uint(table.opCountAt(row))
    out.int(table.timeAt(row) / 1000 - seconds)
    end = table.startOpAt(row) + table.opCountAt(row)
    seconds = table.timeAt(row) / 1000
  }
  return out.finish()
}

/** Actors are numbered in the order of their first changes, so as many are new as first changes stand in these rows. */
function packActors(table: HeaderTable, from: number, out: ByteWriter): void {
  let fresh = 0
  for (let row = from; row < table.count; row++) if (table.seqAt(row) === 1) fresh += 1
  const before = table.actors.length - fresh
  out.uint(fresh)
  for (const { id, author } of table.actors.slice(before)) {
    const bytes = bytesOfHex(id)
    out.uint(bytes.length)
    out.bytes(bytes)
    out.uint(author === null ? 0 : author.length / 2)
    if (author !== null) out.bytes(bytesOfHex(author))
  }
}

/** Appends what `packHeaders` gave to a table that ends where the pack begins. Throws `damaged`. */
export function unpackHeaders(table: HeaderTable, pack: Uint8Array): void {
  const read = new ByteReader(pack)
  if (read.uint() !== version) throw new PalimpsestError('damaged', 'packed headers of an unknown version')
  const first = read.uint()
  if (first !== table.count) throw new PalimpsestError('damaged', `packed headers begin at row ${first}, not ${table.count}`)
  for (let actors = read.uint(); actors > 0; actors--) {
    const id = hexOf(read.bytes(read.uint())) as ActorId
    const author = hexOf(read.bytes(read.uint()))
    table.addActor(id, author === '' ? null : (author as PersonKey))
  }
  const rows = read.uint()
  // A number that is a lie must not become an allocation: each row takes more bytes than its hash.
  if (rows <= pack.length / hashBytes) table.expect(rows)
  const deps: number[] = []
  let end = 0
  let seconds = 0
  for (let left = rows; left > 0; left--) {
    const hashAt = read.skip(hashBytes)
    unpackDeps(table.count, read, deps)
    const actor = read.uint()
    if (actor >= table.actors.length) throw new PalimpsestError('damaged', `packed headers name actor ${actor} of ${table.actors.length}`)
    const startOp = end + read.int()
    const ops = read.uint()
    seconds += read.int()
    table.appendBytes(pack, hashAt, deps, actor, startOp, ops, seconds * 1000)
    end = startOp + ops
  }
}

/** Reads the dependencies of a row into `deps`. */
function unpackDeps(row: number, read: ByteReader, deps: number[]): void {
  const count = read.uint()
  deps.length = 0
  for (let at = 0; at < count; at++) {
    const dep = row - read.uint()
    if (dep < 0 || dep >= row) throw new PalimpsestError('damaged', `packed headers let row ${row} depend on row ${dep}`)
    deps.push(dep)
  }
}
