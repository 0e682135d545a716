import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the platform keeps a person's data; the same folder under both hosts. */
export function defaultDataDir(platform = process.platform, env: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Palimpsest', 'data')
  if (platform === 'win32') return join(env['APPDATA'] || join(home, 'AppData', 'Roaming'), 'Palimpsest', 'data')
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'palimpsest')
}
