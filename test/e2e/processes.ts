/** Child processes of tests: started, awaited by what they print, and always ended. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface Program {
  readonly child: ChildProcess
  /** Everything printed so far, both streams. */
  output(): string
  /** The first match in what it prints; rejects when it ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  /** The first message over its IPC channel that passes. */
  says<Message>(passes: (message: unknown) => message is Message): Promise<Message>
  /** Its exit code once it is gone; null when a signal ended it. */
  exited: Promise<number | null>
  /** Sends a signal and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function startProgram(file: string, args: string[], env: NodeJS.ProcessEnv = {}, options: ForkOptions = {}): Program {
  const child = fork(file, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, ...env },
    ...options,
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  // `close` comes after `exit`, when everything it printed has been read.
  const exited = new Promise<number | null>((gone) => child.once('close', gone))
  void exited.then(() => running.delete(child))
  const unlessItEnds = async (what: string): Promise<never> => {
    const code = await exited
    throw new Error(`${file} ended with ${code} before ${what}:\n${output}`)
  }
  return {
    child,
    output: () => output,
    prints: (pattern) => Promise.race([printed(child, () => pattern.exec(output)), unlessItEnds(`it printed ${pattern}`)]),
    says: (passes) => Promise.race([said(child, passes), unlessItEnds('it said what was awaited')]),
    exited,
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
    },
  }
}

function printed(child: ChildProcess, look: () => RegExpExecArray | null): Promise<RegExpExecArray> {
  return new Promise((found) => {
    const check = () => {
      const match = look()
      if (match) found(match)
    }
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', check)
    check()
  })
}

function said<Message>(child: ChildProcess, passes: (message: unknown) => message is Message): Promise<Message> {
  return new Promise((found) => {
    const check = (message: unknown) => {
      if (!passes(message)) return
      child.off('message', check)
      found(message)
    }
    child.on('message', check)
  })
}

/** Ends a process that is not our child, and waits until it holds nothing any more. */
export async function killProcess(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return // It was gone already.
  }
  while (isAlive(pid)) await delay(5)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const status = `/proc/${pid}/stat`
  // A zombie has let go of everything, and may stay one for long where nobody collects it.
  return !(existsSync(status) && / Z /.test(readFileSync(status, 'utf8')))
}
