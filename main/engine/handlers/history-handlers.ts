import type { EngineHandlers } from '../../../core/contract/engine.ts'
import type { History } from '../history/history.ts'
import type { Library } from '../library/library.ts'

/** Calls about a document's history. */
export function historyHandlers(library: Library, history: History): Pick<EngineHandlers, 'history.timeline'> {
  return {
    'history.timeline': ({ id }) => {
      library.entry(id)
      return history.timeline(id)
    },
  }
}
