/** The files for whoever hosts a relay name settings and paths that there are. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serve } from './command/serve.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const files = [...globSync('sync-relay/deploy/*', { cwd: root }), 'sync-relay/Dockerfile', 'docs/hosting.md', 'README.md']
const variableOf = (flag: string) => `PALIMPSEST_RELAY_${flag.toUpperCase().replaceAll('-', '_')}`

it('every variable in them is a setting of the relay', () => {
  const known = Object.keys(serve.settings).map(variableOf)
  const named = files.flatMap((file) => [...read(file).matchAll(/PALIMPSEST_RELAY_\w+/g)].map(([name]) => name))
  expect(named.length).toBeGreaterThan(5)
  expect(known).toEqual(expect.arrayContaining([...new Set(named)]))
})

it('proxies pass on what the relay needs, and log no query', () => {
  const nginx = read('sync-relay/deploy/nginx.conf')
  for (const header of ['Upgrade $http_upgrade', 'Connection $palimpsest_connection', 'Host $http_host', 'X-Forwarded-For $remote_addr'])
    expect(nginx).toContain(`proxy_set_header ${header};`)
  expect(nginx).not.toMatch(/\$(request|request_uri|args|query_string)\b/)
})
