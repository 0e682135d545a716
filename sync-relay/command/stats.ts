/** `stats`: what is in a data folder, in figures. */
import { statusLink } from '../../core/protocol/sign-in.ts'
import { fileBytes } from '../metrics/figures.ts'
import { linkMinutes, StatusLinks } from '../status/status-links.ts'
import type { Command } from './arguments.ts'
import { DataFolder, dataDirSetting, openToRead } from './data-folder.ts'
import { addressOf, addressSetting } from './people.ts'

export const stats: Command = {
  usage: 'stats',
  summary: 'Prints what is in the data folder in figures, also while the relay is running.',
  about: 'Live figures are on the status page of the relay, which --link opens.',
  settings: {
    'data-dir': dataDirSetting,
    json: { help: 'for programs' },
    link: { help: `instead, prints a link to the status page: good once,\nfor ${linkMinutes} minutes` },
    address: addressSetting,
  },
  async run(given) {
    const folder = DataFolder.of(given)
    if (given.isOn('link')) return printLink(folder, addressOf(folder, given))
    const figures = { ...figuresOfChanges(folder), ...(folder.hasPeople ? figuresOfPeople(folder) : {}) }
    if (given.isOn('json')) console.log(JSON.stringify(figures, null, 2))
    else for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(18)} ${figure}`)
    return 0
  },
}

function printLink(folder: DataFolder, address: string): number {
  console.log(statusLink(address, new StatusLinks(folder.path).make()))
  return 0
}

function figuresOfChanges(folder: DataFolder) {
  return figuresOf(folder.changesFile, {
    documents: 'select count(*) as figure from documents',
    changes: 'select (select count(*) from changes) + (select coalesce(sum(rows), 0) from snapshots) as figure',
    snapshots: 'select count(*) as figure from snapshots',
    changeFileBytes: fileBytes(folder.changesFile),
  })
}

function figuresOfPeople(folder: DataFolder) {
  const good = 'revoked_at is null and (expires_at is null or expires_at > :now)'
  return figuresOf(folder.peopleFile, {
    owners: "select count(*) as figure from people where removed_at is null and standing = 'owner'",
    members: "select count(*) as figure from people where removed_at is null and standing = 'member'",
    guests: "select count(*) as figure from people where removed_at is null and standing = 'guest'",
    openInvites: `select count(*) as figure from invites where uses_left > 0 and ${good}`,
    openLinks: `select count(*) as figure from links where ${good}`,
    auditEntries: 'select count(*) as figure from audit',
    peopleFileBytes: fileBytes(folder.peopleFile),
  })
}

/** Counts in one transaction. */
function figuresOf(file: string, questions: Record<string, string | number>): Record<string, number> {
  const db = openToRead(file)
  const ask = (question: string) => {
    const statement = db.prepare<unknown[], { figure: number }>(question)
    return (question.includes(':now') ? statement.get({ now: Date.now() }) : statement.get())?.figure ?? 0
  }
  try {
    const entries = Object.entries(questions)
    return db.transaction(() => Object.fromEntries(entries.map(([name, what]) => [name, typeof what === 'number' ? what : ask(what)])))()
  } finally {
    db.close()
  }
}
