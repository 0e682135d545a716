import { afterEach, expect, it, vi } from 'vitest'
import { shellChannels } from '../../core/contract/shell.ts'
import { openShellPort } from './shell-port.ts'

afterEach(() => vi.unstubAllGlobals())

it('tells who takes the port late that the engine has ended meanwhile', async () => {
  const page = new EventTarget()
  vi.stubGlobal('window', page)
  const { port1, port2 } = new MessageChannel()
  const ended = new Promise((resolve) => port2.addEventListener('close', resolve))
  const answer = { source: page, data: { type: shellChannels.enginePort }, ports: [port2] }
  const port = await openShellPort({
    host: 'electron',
    platform: 'linux',
    request: async () => void page.dispatchEvent(Object.assign(new Event('message'), answer)),
    listen: () => {},
  })
  port1.close()
  await ended

  const heard = vi.fn<() => void>()
  port.onClose(heard)
  expect(heard).toHaveBeenCalledOnce()
  port.close()
  expect(heard).toHaveBeenCalledOnce()
})
