import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultDataDir } from './data-dir.ts'

test('data goes where the platform keeps it', () => {
  expect(defaultDataDir('linux', {}, '/home/ada')).toBe(join('/home/ada', '.local', 'share', 'palimpsest'))
  expect(defaultDataDir('linux', { XDG_DATA_HOME: '/elsewhere' }, '/home/ada')).toBe(join('/elsewhere', 'palimpsest'))
  expect(defaultDataDir('linux', { XDG_DATA_HOME: '' }, '/home/ada')).toBe(join('/home/ada', '.local', 'share', 'palimpsest'))
  expect(defaultDataDir('darwin', {}, '/Users/ada')).toBe(join('/Users/ada', 'Library', 'Application Support', 'Palimpsest', 'data'))
  expect(defaultDataDir('win32', { APPDATA: 'C:\\Roaming' }, 'C:\\Users\\ada')).toBe(join('C:\\Roaming', 'Palimpsest', 'data'))
})
