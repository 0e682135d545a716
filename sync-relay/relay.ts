#!/usr/bin/env node
/** The command `palimpsest-relay`: finds out what is to be done, does it, and says in one line what went wrong. */
import { type Command, Arguments, helpOf } from './command/arguments.ts'
import { audit } from './command/audit.ts'
import { backup } from './command/backup.ts'
import { CommandError, explain } from './command/command-error.ts'
import { invite, people } from './command/people.ts'
import { restore } from './command/restore.ts'
import { serve } from './command/serve.ts'
import { stats } from './command/stats.ts'
import { verify } from './command/verify.ts'

const commands: Record<string, Command> = { serve, invite, people, audit, backup, restore, verify, stats }

const overview = `Usage: palimpsest-relay [COMMAND] [settings]

${Object.values(commands)
  .map(({ usage, summary }) => `  ${usage.padEnd(30)} ${summary}`)
  .join('\n')}

Each command says more with --help. Without one, the relay is served:

${helpOf('serve', serve).split('\n\n').slice(2).join('\n\n')}
The exit code is 0 when all went well, 1 when something could not be done or is damaged, 2 when the command was typed wrongly, and 3 when
the data folder is missing, is in use, or holds what must not be overwritten.
`

async function main(argv: string[]): Promise<number | null> {
  const [first = ''] = argv
  const isNamed = first !== '' && !first.startsWith('-')
  const name = isNamed ? first : 'serve'
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const rest = isNamed ? argv.slice(1) : argv
  if (name === 'help' || (!isNamed && asksForHelp(rest))) return print(overview)
  if (!command) throw new CommandError('usage', `there is no command “${name}”`)
  return asksForHelp(rest) ? print(helpOf(name, command)) : command.run(new Arguments(command, rest, process.env))
}

const asksForHelp = (words: readonly string[]) => words.includes('--help') || words.includes('-h')

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ?? 0
} catch (error) {
  const { line, exitCode } = explain(error)
  const advice = error instanceof CommandError && exitCode === 2 ? '. palimpsest-relay --help says what there is.' : ''
  console.error(`palimpsest-relay: ${line}${advice}`)
  process.exitCode = exitCode
}
