/**
 * The only bridge between the page and the shell: two functions, nothing of Electron. What the shell says before the page listens is kept
 * for it.
 */
import { contextBridge, ipcRenderer } from 'electron'
import { type ShellBridge, type ShellMessage, shellChannels } from '../core/contract/shell.ts'

const early: ShellMessage[] = []
let deliver = (message: ShellMessage): void => {
  early.push(message)
}

ipcRenderer.on(shellChannels.message, (_, message: ShellMessage) => deliver(message))

// A port cannot pass through the context bridge; the window's own message event is the way to the page.
ipcRenderer.on(shellChannels.enginePort, (event) => window.postMessage({ type: shellChannels.enginePort }, window.origin, event.ports))

const bridge: ShellBridge = {
  host: 'electron',
  platform: process.platform,
  request: (request) => ipcRenderer.invoke(shellChannels.request, request),
  listen(receive) {
    deliver = receive
    for (const message of early.splice(0)) receive(message)
  },
}

contextBridge.exposeInMainWorld('palimpsestShell', bridge)
