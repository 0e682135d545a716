import { createContext, useContext } from 'react'
import type { EngineClient } from '../../core/contract/engine.ts'
import { createLibraryActions, type LibraryActions } from '../library/library-actions.ts'
import { createLibraryModel, type LibraryModel } from '../library/library-model.ts'
import { createDesk, type Desk } from './desk.ts'
import { createNotifications, type Notifications } from '../client/notifications.ts'
import { createFeed, type Feed } from './feed.ts'
import { createMessages, type Messages } from './messages.ts'
import { createPeople, type People } from './people.ts'
import { createSession, type Session } from './session.ts'
import { createView, type View } from './view.ts'

/** Everything one window knows and can do. */
export interface AppModel {
  readonly session: Session
  readonly library: LibraryModel
  readonly desk: Desk
  readonly people: People
  readonly messages: Messages
  readonly feed: Feed
  readonly notifications: Notifications
  readonly view: View
  readonly actions: LibraryActions
}

export function createAppModel(engine: EngineClient): AppModel {
  const session = createSession(engine)
  const desk = createDesk(session)
  const library = createLibraryModel(session, desk.calm)
  const messages = createMessages(session)
  const view = createView()
  showTitlesAsTyped(desk, library)
  const actions = createLibraryActions({ session, library, desk, messages, view })
  const notifications = createNotifications()
  const feed = createFeed({ session, messages, notifications, view, open: actions.openDocument })
  return { session, library, desk, people: createPeople(session), messages, feed, notifications, view, actions }
}

/** The library names the open document by what its title is now. */
function showTitlesAsTyped(desk: Desk, library: LibraryModel) {
  let stop = () => {}
  desk.onDesk.subscribe((onDesk) => {
    stop()
    stop = onDesk.state === 'open' ? onDesk.document.title.listen((title) => library.retitle(onDesk.id, title)) : () => {}
  })
}

export const AppModelContext = createContext<AppModel | null>(null)

/** The window's model; only inside the app. */
export function useApp(): AppModel {
  const model = useContext(AppModelContext)
  if (!model) throw new Error('useApp outside the app')
  return model
}
