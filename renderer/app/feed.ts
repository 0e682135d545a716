import { atom, type ReadableAtom } from 'nanostores'
import type { FeedItem, Invitation } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import type { Notifications } from '../client/notifications.ts'
import { formatCount, plainName } from './format.ts'
import type { Messages, ToastContent } from './messages.ts'
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

export interface FeedParts {
  session: Session
  messages: Messages
  notifications: Notifications
  view: View
  open(id: DocumentId): void
}

/** What happened, and what there is to do about it. */
interface Told {
  text: string
  action: ToastContent['action']
  /** What a notification leads to. */
  follow(): void
}

/** So many notifications are shown at once; more are counted in one. */
const maxNotified = 3

export function createFeed({ session, messages, notifications, view, open }: FeedParts): Feed {
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
    const told = items.flatMap((item): Told[] => {
      const text = feedWords(item)
      return text === null ? [] : [{ text, ...actionsOf(item) }]
    })
    for (const { text, action } of told) messages.tell(text, action)
    if (session.settings.get().notifications && notifications.allowance() === 'allowed' && !document.hasFocus()) notify(told)
    if (items.length > 0) await look()
  }

  function actionsOf({ kind, document }: FeedItem): Pick<Told, 'action' | 'follow'> {
    const answer = () => view.dialog.set({ name: 'invitations' })
    if (kind === 'invited') return { action: { label: 'Answer', run: answer }, follow: answer }
    if (document === null || kind === 'removed') return { action: undefined, follow: () => {} }
    const follow = () => open(document)
    return { action: kind === 'role' ? undefined : { label: 'Open', run: follow }, follow }
  }

  function notify(told: readonly Told[]) {
    if (told.length > maxNotified) return notifications.show(manyWords(told.length), () => {})
    for (const { text, follow } of told) notifications.show(text, follow)
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
  `${personName(from, undefined)} invites you to ${offers[role]} ${folder ? `what is in the folder “${plainName(folder.name)}”` : 'a document'}.`

/** In place of so many sentences. */
const manyWords = (count: number) => `${formatCount(count, 'message')} about what you share with others.`

/** A sentence for what happened; null for what the person need not be told. */
export function feedWords({ kind, folder: of, title, role, from, reason, count }: FeedItem): string | null {
  const folder = of && plainName(of.name)
  if (kind === 'invited') return from && role ? invitationWords({ role, from, folder: of }) : null
  const who = personName(from ?? undefined, undefined)
  if (kind === 'shared') {
    if (count === 0) return null
    return `${who} put ${formatCount(count, 'document')} into the folder “${folder ?? ''}”.`
  }
  // What was never here was an offer that nobody took.
  if (title === null && folder === null) return null
  const text = `“${plainName(title ?? '') || 'Untitled'}”`
  if (kind === 'comment') return `${who} wrote in the margin of ${text}.`
  if (kind === 'mention') return `${who} mentions you in ${text}.`
  const called = folder === null ? text : `what is in the folder “${folder}”`
  if (kind === 'removed') return `${folder === null ? text : `“${folder}”`}: ${reason ?? ''}`
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
