import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import type { Platform } from '../core/sync/large-change.ts'

export const platform: Platform = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  inflate: (bytes, maxOutputLength) => inflateRawSync(bytes, { maxOutputLength }),
}
