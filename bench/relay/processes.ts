/** Programs that the benchmarks run beside themselves. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Program {
  child: ChildProcess
  /** Whole lines of its output, in order. */
  nextLine(): Promise<string>
  stop(): void
}

/** Starts a script in this version of Node. */
export function startProgram(script: string, args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const lines: string[] = []
  let rest = ''
  let wake = () => {}
  child.stdout.on('data', (data: Buffer) => {
    const [last = '', ...whole] = (rest + data.toString()).split('\n').reverse()
    rest = last
    lines.push(...whole.reverse())
    wake()
  })
  child.once('exit', () => wake())
  return {
    child,
    async nextLine() {
      while (lines.length === 0) {
        if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return lines.shift() as string
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

const ticksPerSecond = 100

/** Seconds of processor time that a process has used; not a number where the system does not say. */
export function cpuSeconds({ pid }: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    // Only Linux has it; the other figures stand without.
    return Number.NaN
  }
}

/** Resident memory in megabytes. */
export function residentMb({ pid }: ChildProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
  } catch {
    // As above.
    return Number.NaN
  }
}
