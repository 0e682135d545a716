/** Real disks that are full, for tests. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder on a disk of its own, of one megabyte or as many as asked for, where the system lets us have one. It ends with the test. */
export function smallDisk(megabytes = 1): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'palimpsest-disk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return null
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

/** Fills a disk to the last byte. Returns a function that makes room again. */
export function fill(disk: string): () => void {
  const ballast = join(disk, 'ballast')
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // Smaller pieces may still fit.
    }
  }
  return () => rmSync(ballast)
}
