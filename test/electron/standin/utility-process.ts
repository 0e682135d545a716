/** `utilityProcess` of the main process: a forked Node process, and the switchboard of its ports. */
import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { closeEnd, sendFrom, settle, takePorts, type Transfer } from './ports.ts'

/** Main process → utility process. */
export type ToUtility =
  | { type: 'message'; message: unknown; ports: string[] }
  | { type: 'port-message'; port: string; message: unknown }
  | { type: 'port-closed'; port: string }

/** Utility process → main process. */
export type FromUtility =
  | { type: 'message'; message: unknown }
  | { type: 'port-message'; port: string; message: unknown }
  | { type: 'port-closed'; port: string }

const runtime = new URL('./utility-runtime.ts', import.meta.url).href

const running = new Map<number, string>()

export const utilityProcesses = () => [...running].map(([pid, name]) => ({ pid, name }))

export const utilityProcess = {
  fork(program: string, args: string[], { serviceName = '' }: { serviceName?: string } = {}) {
    const execArgv = ['--import', runtime, '--enable-source-maps']
    const child = fork(program, args, { execArgv, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const utility = new EventEmitter()
    const ports = new Set<string>()
    const pid = child.pid ?? 0
    running.set(pid, serviceName)
    // A process that is going takes nothing any more; its exit is reported.
    const send = (message: ToUtility) => child.connected && child.send(message, () => {})

    child.on('message', (message: FromUtility) => {
      if (message.type === 'message') utility.emit('message', message.message)
      else if (message.type === 'port-message') sendFrom(message.port, message.message)
      else closeEnd(message.port)
    })
    child.once('exit', (code) => {
      running.delete(pid)
      for (const id of ports) closeEnd(id)
      utility.emit('exit', code ?? 1)
    })
    process.once('exit', () => child.kill('SIGKILL'))

    return Object.assign(utility, {
      pid,
      kill: () => child.kill(),
      postMessage(message: unknown, transfer?: Transfer) {
        const moved = takePorts(transfer)
        send({ type: 'message', message, ports: moved })
        for (const id of moved) {
          ports.add(id)
          settle(id, {
            deliver: (port, content) => send({ type: 'port-message', port, message: content }),
            closed: (port) => send({ type: 'port-closed', port }),
          })
        }
      },
    })
  },
}
