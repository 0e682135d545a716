/**
 * The port of the last start on a data folder, to be taken again: to a browser each port is a place of its own, with its own leave to show notifications and its own
 * memory of what was open.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const portFile = (dataDir: string) => join(dataDir, 'web-port')

/** The lower ones are those of system services. */
const [lowest, highest] = [1_024, 65_535]

/** None at the first start, and where the file says nothing that can be a port. */
export function lastPort(dataDir: string): number[] {
  try {
    const port = Number(readFileSync(portFile(dataDir), 'utf8'))
    return Number.isInteger(port) && port >= lowest && port <= highest ? [port] : []
  } catch {
    return []
  }
}

export function rememberPort(dataDir: string, port: number): void {
  if (lastPort(dataDir).includes(port)) return
  try {
    writeFileSync(portFile(dataDir), String(port))
  } catch (error) {
    // The disk is full, or takes nothing: the next start has another address, and nothing else is lost.
    console.warn(`The port was not kept: ${(error as Error).message}`)
  }
}
