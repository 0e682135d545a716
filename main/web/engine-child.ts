import { fork } from 'node:child_process'
import type { Socket } from 'node:net'
import type { EngineLaunch, EngineMessage, HostMessage } from '../../core/contract/process.ts'
import type { EngineChild } from '../host/supervisor.ts'

export interface ForkedEngine extends EngineChild {
  /** Gives the socket away: from here on only the engine's process holds it. */
  upgrade(socket: Socket, headers: Record<string, string>): void
}

/**
 * The engine as a child process of this one. It notices by itself when this one dies.
 *
 * A socket that is given away is read by this process too until Node has heard that it arrived, and what is read here is lost. So the engine answers
 * the handshake, after which the page begins to speak, only when it was told `released`; its `received` comes after Node's own word of arrival.
 */
export function forkEngine(program: string, launch: EngineLaunch): ForkedEngine {
  const child = fork(program, [JSON.stringify(launch)], {
    // Without the host's own: reading the source maps of a program takes a tenth of its start, and its names stand in it as they are.
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const send = (message: HostMessage, socket?: Socket) => {
    // The engine may die while a message is on its way; its exit is reported separately.
    child.send(message, socket, {}, (error) => error && socket?.destroy())
  }
  let upgrades = 0
  const underWay = new Map<number, Socket>()
  child.on('message', (message) => {
    const said = message as EngineMessage
    if (said.type !== 'received') return
    underWay.delete(said.id)
    send({ type: 'released', id: said.id })
  })
  // Nobody else would close what a dying engine did not take, and its page would wait for ever.
  child.once('exit', () => {
    for (const socket of underWay.values()) socket.destroy()
  })
  return {
    pid: child.pid,
    onMessage: (receive) => void child.on('message', (message) => receive(message as EngineMessage)),
    onExit: (exited) => void child.once('exit', exited),
    close: () => send({ type: 'close' }),
    kill: () => void child.kill('SIGKILL'),
    upgrade(socket, headers) {
      const id = ++upgrades
      underWay.set(id, socket)
      send({ type: 'upgrade', id, headers }, socket)
    },
  }
}
