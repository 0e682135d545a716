import type { EngineHandlers } from '../../../core/contract/engine.ts'
import type { EngineParts } from '../parts.ts'

/** Calls about a document's history. */
export function historyHandlers({ library }: EngineParts): Pick<EngineHandlers, 'history.timeline'> {
  return {
    'history.timeline': ({ id }) => {
      library.entry(id)
      return []
    },
  }
}
