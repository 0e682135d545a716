import { atom, type ReadableAtom } from 'nanostores'
import { UNSTABLE_ToastQueue as ToastQueue } from 'react-aria-components'
import type { Notice } from '../../core/contract/engine.ts'
import { asPalimpsestError } from '../../core/errors.ts'
import { errorWords, noticeWords } from './notices.ts'
import { diskTroubles, type Session } from './session.ts'
import { recall, remember } from './view.ts'

/** A line at the bottom of the window that passes by. */
export interface ToastContent {
  readonly text: string
  readonly tone: 'calm' | 'warning'
  /** One thing that can be done about it, as *Undo*. */
  readonly action?: { readonly label: string; run(): void }
}

/** A line at the top of the window that stays until it is dismissed or no longer true. */
export interface Banner {
  readonly kind: Notice['kind']
  readonly text: string
  readonly tone: 'calm' | 'warning'
}

export interface Messages {
  readonly toasts: ToastQueue<ToastContent>
  readonly banners: ReadableAtom<readonly Banner[]>
  tell(text: string, action?: ToastContent['action']): void
  notice(notice: Notice): void
  dismiss(banner: Banner): void
  /**
   * Waits for something the person asked for. When it fails they are told `whatFailed` (a sentence), what is safe and what to do, and
   * the answer is undefined.
   */
  attempt<Value>(whatFailed: string, work: Promise<Value>): Promise<Value | undefined>
}

const calmMs = 6_000
const warningMs = 12_000

export function createMessages(session: Session): Messages {
  const toasts = new ToastQueue<ToastContent>({ maxVisibleToasts: 3 })
  const banners = atom<readonly Banner[]>([])

  function toast(content: ToastContent) {
    // The engine and the shell may both tell of the same thing.
    if (content.action === undefined && toasts.visibleToasts.some((shown) => shown.content.text === content.text)) return
    toasts.add(content, { timeout: content.tone === 'warning' ? warningMs : calmMs })
  }

  function notice(told: Notice) {
    if (told.kind in diskTroubles || told.kind === 'disk-ok') banners.set(banners.get().filter(({ kind }) => !(kind in diskTroubles)))
    const words = noticeWords(told)
    if (words?.shownAs === 'toast') toast(words)
    if (words?.shownAs === 'banner' && !banners.get().some(({ text }) => text === words.text)) {
      banners.set([...banners.get(), { kind: told.kind, text: words.text, tone: words.tone }])
    }
  }

  // A page that connects again to the same engine is told once of what passed by, and each time of what lasts.
  session.onReady((info) => {
    const isTold = recall('told-session', 0) === info.session
    remember('told-session', info.session)
    for (const told of info.notices) if (!isTold || noticeWords(told)?.shownAs === 'banner') notice(told)
  })
  session.engine.on('notice', notice)

  return {
    toasts,
    banners,
    tell: (text, action) => toast({ text, tone: 'calm', action }),
    notice,
    dismiss: (banner) => banners.set(banners.get().filter((other) => other !== banner)),
    async attempt(whatFailed, work) {
      try {
        return await work
      } catch (thrown) {
        const error = asPalimpsestError(thrown)
        console.warn(whatFailed, error)
        toast({ text: `${whatFailed} ${errorWords(error)}`, tone: 'warning' })
        return undefined
      }
    },
  }
}
