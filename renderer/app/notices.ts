import type { Notice } from '../../core/contract/engine.ts'
import type { ErrorCode, PalimpsestError } from '../../core/errors.ts'
import { formatCount, plainName } from './format.ts'

/** What the person is told: what happened, what is safe, what to do next. One place for every sentence about trouble. */

/** What an engine's notice says, and whether it stays until it is over or dismissed (`banner`) or passes by (`toast`). */
export interface NoticeWords {
  readonly text: string
  readonly shownAs: 'banner' | 'toast'
  readonly tone: 'calm' | 'warning'
}

/** Null for a notice that only ends another one. */
export function noticeWords(notice: Notice): NoticeWords | null {
  switch (notice.kind) {
    case 'engine-restarted':
      return {
        text: 'Palimpsest’s engine stopped and was started again. Nothing is lost; you can go on writing.',
        shownAs: 'toast',
        tone: 'calm',
      }
    case 'disk-full':
      return {
        text: 'The disk is full. What you write is kept in this window and saved as soon as there is room. Free some space before you close it.',
        shownAs: 'banner',
        tone: 'warning',
      }
    case 'disk-failing':
      return {
        text: 'The disk does not take what you write. It is kept in this window and saved as soon as the disk works again. Look at the disk before you close this window.',
        shownAs: 'banner',
        tone: 'warning',
      }
    case 'disk-ok':
      return null
    case 'read-only':
      return {
        text: `The data folder ${notice.dataDir} cannot be written. You can read everything; what you write now is not saved. Allow writing to that folder, then start Palimpsest again.`,
        shownAs: 'banner',
        tone: 'warning',
      }
    case 'damaged':
      return { text: damageWords(notice), shownAs: 'banner', tone: 'warning' }
    case 'refused-changes':
      return {
        text: `${formatCount(notice.count, 'change')} from elsewhere did not fit this document and were left out. Your own words are complete.`,
        shownAs: 'toast',
        tone: 'warning',
      }
    case 'index-rebuilt':
      return {
        text: `The library’s index was made anew from ${formatCount(notice.documents, 'document')}. Nothing is lost.`,
        shownAs: 'toast',
        tone: 'calm',
      }
    case 'identity-lost':
      return {
        text: `The files with your key could not be read, so you have a new key. Your texts are safe: ${formatCount(notice.documents, 'document')} found on the disk and listed again, without folders and tags. To be who you were, close Palimpsest and put identity.json and identity.copy.json back from a backup.`,
        shownAs: 'banner',
        tone: 'warning',
      }
  }
}

function damageWords({ of, title, damage: { chunks, recoverable } }: Extract<Notice, { kind: 'damaged' }>): string {
  const names = { text: `“${plainName(title) || 'Untitled'}”`, library: 'the list of your documents', companion: 'a picture' }
  const what = `${formatCount(chunks, 'part')} of ${names[of]} could not be read from the disk and ${chunks === 1 ? 'was' : 'were'} set aside.`
  return `${what} ${whatIsLeft(of, recoverable)}`
}

function whatIsLeft(of: 'text' | 'library' | 'companion', recoverable: boolean): string {
  if (of === 'library')
    return 'Your documents are safe, and all of them are listed; if folders, tags or pins are missing, bring them back from a backup.'
  if (recoverable) return 'What could be read is safe; what is missing comes back from the relay.'
  return 'What could be read is safe; if something is missing, bring it back from a backup.'
}

/** The end of a sentence that begins with what failed, as *“Moby” was not moved:*. */
const reasons: Record<ErrorCode, string> = {
  invalid: 'Palimpsest does not understand this input. Nothing was changed.',
  'not-found': 'It is not here any more. Nothing else was changed.',
  'read-only': 'The data folder cannot be written. Everything that was saved is safe; allow writing to the folder and try again.',
  'disk-full': 'The disk is full. Everything that was saved is safe; free some space and try again.',
  locked: 'Another Palimpsest is using this data folder. Close it and try again.',
  'key-store': 'Your key is in the key store of this computer, which does not open it. Unlock it and start Palimpsest again.',
  damaged: 'The file is damaged. What could be read is kept; restore it from a backup if something is missing.',
  'too-large': 'It is larger than Palimpsest can take. Nothing was changed; try it in smaller parts.',
  unreachable: 'The relay does not answer. Everything is saved on this computer; check the address and the network, then try again.',
  'not-a-relay': 'The address answers, but is not a Palimpsest relay. Nothing was sent; check the address.',
  refused: 'The relay does not allow it. Your text is safe on this computer; ask the person who runs the relay or shared the document.',
  'not-allowed': 'You have no right to this. Nothing was changed; ask the person who owns the document or runs the relay.',
  'damaged-there': 'What the relay has of it is damaged. Your text is safe on this computer; tell the person who runs the relay.',
  'no-room': 'The relay has no more room for it. Your text is safe on this computer; ask the person who runs the relay.',
  password: 'It needs a password. Ask the person who sent the link.',
  cancelled: 'It was cancelled. Nothing is lost.',
  'engine-gone': 'Palimpsest’s engine stopped and is being started again. Nothing is lost; try again in a moment.',
  internal: 'Something went wrong inside Palimpsest. Everything that was saved is safe; try again.',
}

/** What is safe and what to do, where the engine's own detail has said what happened. */
const afterDetail: Partial<Record<ErrorCode, string>> = {
  unreachable: 'Everything is saved on this computer; check the address and the network, then try again.',
  'not-a-relay': 'Nothing was sent; check the address.',
  refused: 'Your text is safe on this computer; ask the person who runs the relay or shared the document.',
}

/** A sentence for a failure. The engine's own detail comes first, where it has one for the person. */
export function errorWords({ code, detail }: Pick<PalimpsestError, 'code' | 'detail'>): string {
  return detail ? `${detail} ${afterDetail[code] ?? reasons[code]}` : reasons[code]
}
