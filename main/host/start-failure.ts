import { asPalimpsestError } from '../../core/errors.ts'

/** One line for the terminal or a dialog: why Palimpsest cannot start, and what is safe. */
export function describeStartFailure(thrown: unknown, dataDir: string): string {
  const error = asPalimpsestError(thrown)
  switch (error.code) {
    case 'locked':
      return `Palimpsest is already running on this data folder: ${dataDir}. Nothing was touched.`
    case 'read-only':
      return `Palimpsest cannot write to its data folder: ${dataDir}. Nothing was touched. Give it another one with --data-dir.`
    case 'invalid':
      return `This cannot be a data folder: ${dataDir}. Give Palimpsest another one with --data-dir.`
    case 'disk-full':
      return `The disk with the data folder is full: ${dataDir}. Nothing was touched.`
    case 'key-store':
      return `Your key in ${dataDir} is sealed by the key store of the computer and the account that it was made on, which does not open it here. Nothing was touched. Unlock the key store and start the desktop app. If that is not possible, as with a folder from another computer, move identity.json and identity.copy.json out of it: Palimpsest then begins with a new key, and all your texts.`
    default:
      return `Palimpsest could not start on ${dataDir}: ${error.message.replaceAll(/\s+/g, ' ')}`
  }
}
