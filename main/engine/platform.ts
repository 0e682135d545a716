import { hash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import type { Platform } from '../../core/sync/large-change.ts'

export const platform: Platform = {
  sha256: (bytes) => hash('sha256', bytes, 'hex'),
  inflate: (bytes, maxOutputLength) => inflateRawSync(bytes, { maxOutputLength }),
}
