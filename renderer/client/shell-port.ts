import type { BytesPort } from '../../core/contract/port.ts'
import { type ShellBridge, shellChannels } from '../../core/contract/shell.ts'

/**
 * Asks the shell for a port to the engine. The shell's answer is a message event on the window with one MessagePort; only one
 * that this very page sent to itself (the preload does) is believed.
 */
export function openShellPort(shell: ShellBridge): Promise<BytesPort> {
  return new Promise((resolve, reject) => {
    const takePort = (event: MessageEvent) => {
      const port = event.ports[0]
      if (event.source !== window || event.data?.type !== shellChannels.enginePort || !port) return
      window.removeEventListener('message', takePort)
      resolve(portOfMessagePort(port))
    }
    window.addEventListener('message', takePort)
    shell.request({ type: 'engine.connect' }).catch((error: unknown) => {
      window.removeEventListener('message', takePort)
      reject(error)
    })
  })
}

function portOfMessagePort(port: MessagePort): BytesPort {
  let isClosed = false
  let closed = () => {}
  const end = () => {
    if (isClosed) return
    isClosed = true
    closed()
  }
  port.addEventListener('close', end)
  return {
    // A copy, since a view would take its whole buffer along.
    post: (bytes) => port.postMessage(bytes.slice()),
    onMessage(receive) {
      port.addEventListener('message', (event: MessageEvent<Uint8Array>) => receive(new Uint8Array(event.data)))
      // Messages wait in the port until it is started.
      port.start()
    },
    onClose(listener) {
      closed = listener
      if (isClosed) listener()
    },
    close() {
      port.close()
      end()
    },
  }
}
