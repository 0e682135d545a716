import type { ShellBridge, ShellRequest } from '../../core/contract/shell.ts'

declare global {
  interface Window {
    /** Present in Electron only: see `core/contract/shell.ts`. */
    readonly palimpsestShell?: ShellBridge
  }
}

/** The shell around this page, or null in the web host. */
export const shell: ShellBridge | null = window.palimpsestShell ?? null

/** Tells the shell, where there is one; a shell that refuses is not worth a word to the writer. */
export function tellShell(request: ShellRequest): void {
  shell?.request(request).catch((error: unknown) => console.warn('The shell refused', request.type, error))
}
