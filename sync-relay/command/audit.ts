/** `audit`: the log of what was decided about people and rights, to be kept or searched elsewhere. */
import { exportedAudit } from '../people/audit.ts'
import type { Command } from './arguments.ts'
import { DataFolder, dataDirSetting } from './data-folder.ts'

export const audit: Command = {
  usage: 'audit',
  summary: 'Prints the audit log, also while the relay is running.',
  about: 'One line of JSON for each entry, oldest first: who, what, when, from where. What was done with this command names nobody.',
  settings: { 'data-dir': dataDirSetting },
  async run(given) {
    DataFolder.of(given).withPeople(({ audit: log, people }) => {
      for (const lines of exportedAudit(log, (person) => people.face(person).name)) process.stdout.write(lines)
    })
    return 0
  },
}
