import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

const ignored = /(^|\/)(node_modules|dist|out)(\/|$)|\.test\.tsx?$/

/** A digest that changes when a file under the given paths does: by name, size and time of change, so it takes milliseconds. */
export function stampOf(paths) {
  const digest = createHash('sha256')
  for (const file of paths.flatMap(filesUnder).sort()) {
    const { size, mtimeMs } = statSync(join(root, file))
    digest.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return digest.digest('hex')
}

function filesUnder(path) {
  if (!existsSync(join(root, path))) return []
  if (!statSync(join(root, path)).isDirectory()) return [path]
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((file) => !ignored.test(file))
}
