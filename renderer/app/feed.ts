import { atom, type ReadableAtom } from 'nanostores'
import type { FeedItem, Invitation } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import { formatCount } from './format.ts'
import type { Messages } from './messages.ts'
import { personName } from './people.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'

/** What others do that concerns the person: told once as it comes, and what they offer for as long as it is open. */
export interface Feed {
  /** Roles that others offer on the relay. */
  readonly invitations: ReadableAtom<readonly Invitation[]>
  /** Accepting answers when the document is here; true when it worked. */
  answer(invitation: Invitation, accept: boolean): Promise<boolean>
}

export function createFeed(session: Session, messages: Messages, view: View, open: (id: DocumentId) => void): Feed {
  const { engine } = session
  const invitations = atom<readonly Invitation[]>([])

  async function look() {
    // Without a relay, and on one that is open to all, there are none.
    invitations.set(await engine.call('invitation.list', {}).catch(() => []))
  }

  async function take() {
    const items = await engine.call('feed.take', {}).catch((error: unknown) => {
      // The engine is gone; what was not taken is given to the next connection.
      console.warn('What others did was not told', error)
      return []
    })
    for (const item of items) {
      const words = feedWords(item)
      if (words === null) continue
      messages.tell(words, actionOf(item))
    }
    if (items.length > 0) await look()
  }

  /** What there is to do about it. */
  function actionOf({ kind, document }: FeedItem) {
    if (kind === 'invited') return { label: 'Answer', run: () => view.dialog.set({ name: 'invitations' }) }
    const isRemark = kind === 'comment' || kind === 'mention'
    return isRemark && document !== null ? { label: 'Open', run: () => open(document) } : undefined
  }

  engine.on('document.replaced', ({ copy, title }) => {
    const words = `You can read this document, not change it. Your edit is kept in “${title}”.`
    messages.tell(words, { label: 'Open', run: () => open(copy) })
  })
  session.onReady(() => void take())
  engine.on('feed.changed', () => void take())
  let seen = ''
  session.relay.subscribe(({ address, state }) => {
    const now = `${address} ${state}`
    if (now === seen) return
    seen = now
    if (state === 'connected') void look()
    if (address === '') invitations.set([])
  })

  return {
    invitations,
    async answer({ document, folder }, accept) {
      const answer = folder
        ? engine.call('folder.answer', { id: folder.id, accept })
        : document && engine.call('invitation.answer', { document, accept })
      const answered = Promise.resolve(answer).then(() => true)
      const isDone = await messages.attempt('The invitation was not answered.', answered)
      await look()
      return isDone === true
    },
  }
}

const offers: Record<Invitation['role'], string> = { owner: 'own', editor: 'edit', commenter: 'comment on', viewer: 'read' }

/** *Ada invites you to edit a document.* */
export const invitationWords = ({ role, from, folder }: Pick<Invitation, 'role' | 'from' | 'folder'>) =>
  `${personName(from, undefined)} invites you to ${offers[role]} ${folder ? `what is in the folder “${folder.name}”` : 'a document'}.`

/** A sentence for what happened; null for what the person need not be told. */
export function feedWords({ kind, folder, title, role, from, reason, count }: FeedItem): string | null {
  if (kind === 'invited') return from && role ? invitationWords({ role, from, folder }) : null
  const who = personName(from ?? undefined, undefined)
  if (kind === 'shared') {
    if (count === 0) return null
    return `${who} put ${formatCount(count, 'document')} into the folder “${folder?.name ?? ''}”.`
  }
  // What was never here was an offer that nobody took.
  if (title === null && !folder) return null
  if (kind === 'comment') return `${who} wrote in the margin of “${title || 'Untitled'}”.`
  if (kind === 'mention') return `${who} mentions you in “${title || 'Untitled'}”.`
  const called = folder ? `what is in the folder “${folder.name}”` : `“${title || 'Untitled'}”`
  if (kind === 'removed' && folder) return `“${folder.name}”: ${reason ?? ''}`
  if (kind === 'removed') return `${called}: ${reason ?? ''}`
  switch (role) {
    case 'viewer':
      return `You can read ${called} now, not change it.`
    case 'commenter':
      return `You can comment on ${called} now, not change it.`
    case 'editor':
      return `You can edit ${called} now.`
    case 'owner':
      return `${who} made you the owner of ${called}.`
    case null:
      return null
  }
}
