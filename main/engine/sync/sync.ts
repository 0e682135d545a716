import type { EngineHandlers } from '../../../core/contract/engine.ts'
import { PalimpsestError } from '../../../core/errors.ts'
import type { EngineParts } from '../parts.ts'

export type SyncCall = 'relay.status' | 'relay.test' | 'share.create' | 'share.open' | 'sync.status' | 'task.cancel'

export interface Sync {
  handlers: Pick<EngineHandlers, SyncCall>
  close(): Promise<void>
}

/** Sync with relays. */
export function createSync({ documents, settings }: EngineParts): Sync {
  const noRelay = () => {
    throw new PalimpsestError('unreachable', 'no relay is connected')
  }
  return {
    handlers: {
      'relay.status': () => ({ address: settings.value.relay, state: 'none', problem: null }),
      'relay.test': noRelay,
      'share.create': noRelay,
      'share.open': noRelay,
      'sync.status': ({ id }) => ({ state: 'local', saved: documents.isDurable(id) }),
      'task.cancel': () => null,
    },
    close: () => Promise.resolve(),
  }
}
