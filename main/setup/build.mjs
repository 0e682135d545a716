/**
 * Builds every part of the product with Vite into `out/` (the relay into `sync-relay/dist/`):
 * `node main/setup/build.mjs [part…] [--force] [--quiet]`, quiet about what is unchanged.
 *
 * A part is skipped when nothing it is made of changed since its last build, and when its entry does not exist. Each part is built beside
 * its place and swapped in when it is whole, so that a running app never meets half a build.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { parts } from './parts.mjs'
import { root } from './root.mjs'
import { stampOf } from './stamp.mjs'

const stampName = '.stamp'

/** Builds what is stale among the named parts, one line each; a part that fails does not keep the others from being built. */
async function buildParts(names, options) {
  for (const part of parts.filter(({ name }) => names.includes(name))) {
    try {
      if (!existsSync(join(root, part.entry))) console.log(`${part.name.padEnd(10)} not there yet (${part.entry})`)
      else await buildPart(part, options)
    } catch (error) {
      console.error(`${part.name.padEnd(10)} failed: ${error.message}`)
      process.exitCode = 1
    }
  }
}

async function buildPart(part, { force, quiet }) {
  const target = join(root, part.outDir)
  const stamp = stampOf(part.sources)
  if (!force && readStamp(target) === stamp) return quiet || console.log(`${part.name.padEnd(10)} unchanged`)
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

const { values, positionals } = parseArgs({
  options: { force: { type: 'boolean', default: false }, quiet: { type: 'boolean', default: false } },
  allowPositionals: true,
})
await buildParts(positionals.length > 0 ? positionals : parts.map((part) => part.name), values)
