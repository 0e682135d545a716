import { randomBytes } from 'node:crypto'

/** What the build leaves in the page where the nonce of each answer goes. */
const noncePlaceholder = '__CSP_NONCE__'

/** Everything comes from the host itself; `nonce` admits the one style element that React Aria writes. */
const contentPolicy = (nonce: string) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** The page with a fresh nonce, and the headers that go with it. */
export function securedPage(html: string): { body: string; headers: Record<string, string> } {
  const nonce = randomBytes(16).toString('base64')
  return {
    body: html.replaceAll(noncePlaceholder, nonce),
    headers: { ...securityHeaders, 'content-security-policy': contentPolicy(nonce), 'cache-control': 'no-store' },
  }
}

/** On every answer of a host. */
export const securityHeaders: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
