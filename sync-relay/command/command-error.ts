/** Why a command was not done, by its exit code; said in one line. */
export const exitCodes = {
  /** It could not be done, or damage was found. */
  failed: 1,
  /** What was typed, or what the environment says, is wrong. */
  usage: 2,
  /** The folder is missing, is no relay's, is in use, or holds what must not be overwritten. */
  folder: 3,
} as const

export class CommandError extends Error {
  readonly exitCode: number

  constructor(kind: keyof typeof exitCodes, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CommandError'
    this.exitCode = exitCodes[kind]
  }
}

const systemSentences: Record<string, string> = {
  EADDRINUSE: 'The port is in use. Choose another with --port.',
  EACCES: 'The system does not allow that.',
  ENOSPC: 'The disk is full.',
  SQLITE_FULL: 'The disk is full.',
  EROFS: 'The disk can only be read.',
  SQLITE_READONLY: 'The files can only be read.',
  SQLITE_NOTADB: 'A file of the data folder is no SQLite file.',
  SQLITE_CORRUPT: 'A file of the data folder is damaged. Restore a backup.',
}

/** What a person can mend, in one line; the error’s own words otherwise. */
export function explain(error: unknown): { line: string; exitCode: number } {
  if (error instanceof CommandError) return { line: error.message, exitCode: error.exitCode }
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  const sentence = systemSentences[code] ?? Object.entries(systemSentences).find(([prefix]) => code.startsWith(`${prefix}_`))?.[1]
  const detail = code === 'EADDRINUSE' ? '' : ` (${message.split('\n')[0]})`
  return { line: sentence === undefined ? (message.split('\n')[0] ?? '') : `${sentence}${detail}`, exitCode: exitCodes.failed }
}
