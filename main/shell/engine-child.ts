import { type MessagePortMain, utilityProcess } from 'electron'
import type { EngineLaunch, EngineMessage, HostMessage } from '../../core/contract/process.ts'
import type { EngineChild } from '../host/supervisor.ts'
import { askKeyStore } from './key-store.ts'

export interface UtilityEngine extends EngineChild {
  /** Gives the engine its end of a renderer's port. */
  connect(port: MessagePortMain): void
}

/** The engine as a utility process. */
export function forkEngine(program: string, launch: EngineLaunch): UtilityEngine {
  const child = utilityProcess.fork(program, [JSON.stringify({ ...launch, hasKeyStore: true } satisfies EngineLaunch)], {
    serviceName: 'Palimpsest engine',
    stdio: 'inherit',
  })
  const send = (message: HostMessage, ports?: MessagePortMain[]) => child.postMessage(message, ports)
  child.on('message', (message: EngineMessage) => {
    if (message.type === 'seal' || message.type === 'unseal') void askKeyStore(message).then((answer) => send(answer))
  })
  return {
    get pid() {
      return child.pid
    },
    onMessage: (receive) => void child.on('message', (message: EngineMessage) => receive(message)),
    onExit: (exited) => void child.once('exit', exited),
    close: () => send({ type: 'close' }),
    kill: () => void child.kill(),
    connect: (port) => send({ type: 'connect' }, [port]),
  }
}
