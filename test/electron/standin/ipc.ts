type Handler = (event: never, ...args: unknown[]) => unknown

const handlers = new Map<string, Handler>()

export const ipcMain = {
  handle(channel: string, handler: Handler) {
    if (handlers.has(channel)) throw new Error(`there is a handler for '${channel}' already`)
    handlers.set(channel, handler)
  },
}

/** Runs the handler of a page's call. */
export async function invoke(channel: string, event: unknown, args: unknown[]): Promise<unknown> {
  const handler = handlers.get(channel)
  if (!handler) throw new Error(`there is no handler for '${channel}'`)
  return handler(event as never, ...args)
}
