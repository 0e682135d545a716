import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { securedPage, securityHeaders } from './content-policy.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

export interface PageFile {
  headers: Record<string, string>
  body: Uint8Array<ArrayBuffer> | string
}

/**
 * One file of the built page, by the path of its URL, or null. Never reaches outside `folder`. What stands in `assets/` has a hash in its
 * name and may be kept for good; the page itself never.
 */
export async function readPageFile(folder: string, urlPath: string): Promise<PageFile | null> {
  const file = locate(folder, urlPath)
  const type = file && types[extname(file)]
  if (!type) return null
  const bytes = await readFile(file).catch(() => null)
  if (!bytes) return null
  if (file.endsWith('.html')) {
    const { headers, body } = securedPage(bytes.toString('utf8'))
    return { headers: { ...headers, 'content-type': type }, body }
  }
  const isHashed = urlPath.startsWith('/assets/')
  const cacheControl = isHashed ? 'private, max-age=31536000, immutable' : 'no-cache'
  return { headers: { ...securityHeaders, 'content-type': type, 'cache-control': cacheControl }, body: bytes }
}

function locate(folder: string, urlPath: string): string | null {
  const path = decodePath(urlPath)
  if (path === null || path.includes('\0') || path.includes('\\')) return null
  const file = resolve(join(folder, path === '/' ? 'index.html' : path))
  return file.startsWith(resolve(folder) + sep) ? file : null
}

function decodePath(urlPath: string): string | null {
  try {
    return decodeURIComponent(urlPath)
  } catch {
    // Not valid percent-encoding: no file has such a name.
    return null
  }
}
