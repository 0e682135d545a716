import { restoreMessage } from '../../core/history/edits.ts'
import { Restoration } from '../../core/history/restore.ts'
import type { Heads } from '../../core/ids.ts'
import { changeOptions } from '../../core/text/edit.ts'
import { TextChanges } from '../../core/text/patches.ts'
import { segmentLengths } from '../../core/text/segments.ts'
import { browserFrame, type WaitForFrame } from './frame.ts'
import type { DocumentChange, WatchedDocument } from './live-document.ts'

/** What a frame has time for, in deleted characters. */
const pieceSize = 2_500

export interface RestoringOptions {
  /** What share is done, from 0 to 1. */
  onProgress?: (share: number) => void
  waitForFrame?: WaitForFrame
  pieceSize?: number
}

/** A version that is being brought back. */
export interface Restoring {
  /** Whether all of it came back, or it was stopped. */
  readonly whole: Promise<boolean>
  /** What is there already stays. */
  stop(): void
  /** Does at once what is left. */
  finish(): void
}

/**
 * Brings a version back, a change each frame, so that the window goes on living and others can write: half a book takes many seconds. The first change says that
 * it restores a version; the others belong to the same sitting.
 */
export function restoreVersion(handle: WatchedDocument, heads: Heads, options: RestoringOptions = {}): Restoring {
  const restoration = new Restoration(handle.doc(), heads)
  const total = restoration.work
  let isOwn = false
  let isStopped = false
  const notice = ({ patches, patchInfo }: DocumentChange) => {
    if (!isOwn) restoration.carryPast(new TextChanges(segmentLengths(patchInfo.before), patches).hunks)
  }

  function write(message?: string) {
    const before = handle.doc()
    isOwn = true
    try {
      const labels = changeOptions({ time: Date.now(), ...(message === undefined ? {} : { message }) })
      handle.change((draft) => restoration.write(draft, before, options.pieceSize ?? pieceSize), labels)
    } finally {
      isOwn = false
    }
    options.onProgress?.(1 - restoration.work / total)
  }

  async function run(): Promise<boolean> {
    handle.on('change', notice)
    try {
      for (let message: string | undefined = restoreMessage; !restoration.isDone && !isStopped; message = undefined) {
        write(message)
        if (!restoration.isDone) await new Promise<void>(options.waitForFrame ?? browserFrame)
      }
    } finally {
      handle.off('change', notice)
    }
    return restoration.isDone
  }

  return {
    whole: run(),
    stop() {
      isStopped = true
    },
    finish() {
      while (!restoration.isDone && !isStopped) write()
    },
  }
}
