/**
 * Builds every part of the product with Vite into `out/` (the relay into `sync-relay/dist/`): `node main/setup/build.mjs [part…] [--force]`.
 *
 * A part is skipped when nothing it is made of changed since its last build, and when its entry does not exist. Each part is built beside
 * its place and swapped in when it is whole, so that a running app never meets half a build.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { parts } from './parts.mjs'
import { root } from './root.mjs'
import { stampOf } from './stamp.mjs'

const stampName = '.stamp'

/** Builds what is stale among the named parts, one line each. */
async function buildParts(names, force) {
  for (const part of parts.filter(({ name }) => names.includes(name))) {
    if (!existsSync(join(root, part.entry))) console.log(`${part.name.padEnd(10)} not there yet (${part.entry})`)
    else await buildPart(part, force)
  }
}

async function buildPart(part, force) {
  const target = join(root, part.outDir)
  const stamp = stampOf(part.sources)
  if (!force && readStamp(target) === stamp) return console.log(`${part.name.padEnd(10)} unchanged`)
  const startedAt = performance.now()
  const fresh = `${target}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  try {
    await build(part.configure(fresh))
    part.finish?.(fresh)
    writeFileSync(join(fresh, stampName), stamp)
    swapIn(fresh, target)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  console.log(`${part.name.padEnd(10)} built in ${Math.round(performance.now() - startedAt)} ms`)
}

function readStamp(target) {
  const file = join(target, stampName)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

function swapIn(fresh, target) {
  const old = `${target}.old.${process.pid}`
  mkdirSync(dirname(target), { recursive: true })
  if (existsSync(target)) renameSync(target, old)
  renameSync(fresh, target)
  rmSync(old, { recursive: true, force: true })
}

const args = process.argv.slice(2)
const names = args.filter((arg) => !arg.startsWith('--'))
await buildParts(names.length > 0 ? names : parts.map((part) => part.name), args.includes('--force'))
