/**
 * The settings of the command: each is a flag, and each flag can be set by the environment too (`--data-dir` by `PALIMPSEST_RELAY_DATA_DIR`); flags win. A
 * command declares what it takes, and from that come both the reading and the help.
 */
import { parseArgs } from 'node:util'
import { CommandError } from './command-error.ts'

export interface Setting {
  /** What stands for the value in the help; a switch has none. */
  value?: string
  /** What holds where it is not set, as it would be typed. */
  otherwise?: string
  /** One or more lines. */
  help: string
}

export type Settings = Readonly<Record<string, Setting>>

export interface Command {
  /** As it stands after the name, with the arguments that it takes: `backup FOLDER`. */
  readonly usage: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Further paragraphs of its help. */
  readonly about?: string
  /** How many arguments that are no flags it takes at least and at most; none where it is not said. */
  readonly words?: readonly [number, number]
  readonly settings: Settings
  /** Resolves with the exit code once everything is done; null for a command that goes on. */
  run(given: Arguments): Promise<number | null>
}

const environmentName = (flag: string) => `PALIMPSEST_RELAY_${flag.toUpperCase().replaceAll('-', '_')}`

/** What was typed and what the environment says, read by the settings of one command. */
export class Arguments {
  readonly #settings: Settings
  readonly #flags: Record<string, string | boolean | undefined>
  readonly #positionals: readonly string[]
  readonly #environment: NodeJS.ProcessEnv

  constructor(command: Command, argv: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#settings = command.settings
    this.#environment = environment
    const { values, positionals } = parse(command.settings, argv)
    this.#flags = values
    this.#positionals = positionals
    const [least, most] = command.words ?? [0, 0]
    if (positionals.length < least) throw new CommandError('usage', `something is missing: palimpsest-relay ${command.usage}`)
    if (positionals.length > most) throw new CommandError('usage', `“${positionals[most]}” is one word too many`)
  }

  /** Number of arguments that are no flags. */
  get count(): number {
    return this.#positionals.length
  }

  /** One of them; empty where there is none. */
  word(at: number): string {
    return this.#positionals[at] ?? ''
  }

  /** Undefined where it is neither set nor has a value otherwise. */
  text(flag: string): string | undefined {
    const { value } = this.#find(flag)
    return value === true ? undefined : value
  }

  /** A whole number. Throws `usage` for anything else, and outside of the bounds. */
  number(flag: string, least: number, most: number): number {
    const { value, from } = this.#find(flag)
    const number = Number(value)
    if (!/^\d+$/.test(String(value)) || number < least || number > most)
      throw new CommandError('usage', `${from} must be a whole number from ${least} to ${most}, not “${value}”`)
    return number
  }

  /** One of a few words. */
  choice<Word extends string>(flag: string, words: readonly Word[]): Word {
    const { value, from } = this.#find(flag)
    const word = words.find((each) => each === value)
    if (word === undefined) throw new CommandError('usage', `${from} must be one of ${words.join(', ')}, not “${value}”`)
    return word
  }

  isOn(flag: string): boolean {
    const { value = '', from } = this.#find(flag)
    if (value === true || /^(true|yes|on|1)$/i.test(value)) return true
    if (/^(false|no|off|0|)$/i.test(value)) return false
    throw new CommandError('usage', `${from} must be true or false, not “${value}”`)
  }

  /** The value, and what to name when it is wrong. An empty variable counts as one that is not set. */
  #find(flag: string): { value: string | true | undefined; from: string } {
    const typed = this.#flags[flag]
    if (typed !== undefined) return { value: typed === false ? undefined : typed, from: `--${flag}` }
    const name = environmentName(flag)
    return { value: this.#environment[name] || this.#settings[flag]?.otherwise, from: this.#environment[name] ? name : `--${flag}` }
  }
}

function parse(settings: Settings, argv: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(settings).map(([name, { value }]) => [name, { type: value === undefined ? ('boolean' as const) : ('string' as const) }]),
  )
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    // The first sentence says what is wrong; the others are advice about positional arguments.
    const [sentence = ''] = (error as Error).message.split(/[.\n]\s?/)
    throw new CommandError('usage', sentence.replaceAll("'", ''))
  }
}

const width = 24

/** The help of one command. */
export function helpOf(name: string, { usage, summary, about, settings }: Command): string {
  const paragraphs = [`Usage: palimpsest-relay ${usage} [settings]`, summary, about, settingsHelp(settings)]
  return `${paragraphs.filter(Boolean).join('\n\n')}\n\nEach can be set by the environment too: --${exampleOf(name)} by ${environmentName(exampleOf(name))}. What is typed wins.\n`
}

const exampleOf = (name: string) => (name === 'serve' ? 'port' : 'data-dir')

const settingsHelp = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, { value, otherwise, help }]) => {
      const left = `  --${name}${value === undefined ? '' : ` ${value}`}`
      const lines = `${help}${otherwise === undefined ? '' : ` (${otherwise})`}`.split('\n')
      const first = left.length < width ? left.padEnd(width) : `${left}\n${' '.repeat(width)}`
      return `${first}${lines.join(`\n${' '.repeat(width)}`)}`
    })
    .join('\n')
