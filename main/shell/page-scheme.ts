/** The page's own scheme: the built files, with the same policy as in the web host, and nothing else. */
import { fileURLToPath } from 'node:url'
import { protocol } from 'electron'
import { securityHeaders } from '../host/content-policy.ts'
import { readPageFile } from '../host/page-files.ts'

const scheme = 'app'
const host = 'palimpsest'

export const pageAddress = `${scheme}://${host}/`
const folder = fileURLToPath(new URL('../renderer', import.meta.url))

/** Whether an address is one of ours. */
export function isPageAddress(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === `${scheme}:` && url.host === host
}

/** Must run before the app is ready. */
export function registerPageScheme() {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ])
}

export function servePage() {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url)
    const file = request.method === 'GET' && isPageAddress(request.url) ? await readPageFile(folder, url.pathname) : null
    if (!file) return new Response('There is nothing here.\n', { status: 404, headers: securityHeaders })
    return new Response(file.body, { headers: file.headers })
  })
}
