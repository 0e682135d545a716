/** The native menu names commands of the page by id, across a process boundary that no compiler sees. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

const rendererSources = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'))
  .map((file) => readFileSync(join(root, 'renderer', file), 'utf8'))

/**
 * A command is registered with its id written out, or with one made of a stem and the name that a function is called with:
 * `view.focus-${level}` from `focus('page')`.
 */
const isCommand = (id: string) => rendererSources.some((source) => isWritten(source, id) || isComposed(source, id))

const isWritten = (source: string, id: string) => new RegExp(`(\\bid: |\\w\\()'${id}'`).test(source)

function isComposed(source: string, id: string): boolean {
  const cuts = [...id.matchAll(/[.-]/g)].map(({ index }) => index + 1)
  return cuts.some((cut) => source.includes(`id: \`${id.slice(0, cut)}\${`) && isPassed(source, id.slice(cut)))
}

/** A number at the end may be counted: `heading-${level}`. */
const isPassed = (source: string, name: string) =>
  new RegExp(`\\w\\(['\`]${name.replace(/\d+$/, '(\\d+|\\$\\{\\w+\\})')}['\`]`).test(source)

test('every command of the native menu is one of the page', () => {
  const menu = readFileSync(join(root, 'main/shell/menu.ts'), 'utf8')
  const ids = [...menu.matchAll(/command\('[^']+', '([^']+)'/g)].map((match) => match[1] as string)
  expect(ids.length).toBeGreaterThan(10)
  expect(ids.filter((id) => !isCommand(id))).toEqual([])
})

test('what is no command is noticed', () => {
  expect(isCommand('document.new')).toBe(true)
  expect(isCommand('format.heading-2')).toBe(true)
  expect(isCommand('document.export')).toBe(false)
  expect(isCommand('format.vanish')).toBe(false)
})
