/**
 * Runs something at most once a frame: at once (after the present task) when the last run is longer ago than that, else when the frame is over. So a
 * single keystroke waits for nothing, and fifty remote changes in one frame are one.
 */
export interface FrameTask {
  request(): void
  /** Runs now if a run was asked for. */
  flush(): void
  /** Nothing runs any more. */
  cancel(): void
}

/** Calls back when the present frame is over. */
export type WaitForFrame = (over: () => void) => void

/** The browser's next frame; a page that is not shown gets none, so a timer stands in. */
export const browserFrame: WaitForFrame = (over) => {
  let isOver = false
  const once = () => {
    if (isOver) return
    isOver = true
    over()
  }
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(once)
  setTimeout(once, 34)
}

export function oncePerFrame(run: () => void, waitForFrame: WaitForFrame = browserFrame): FrameTask {
  let isAsked = false
  let isInFrame = false
  let isCancelled = false

  function flush() {
    if (!isAsked || isCancelled) return
    isAsked = false
    run()
  }

  function beginFrame() {
    isInFrame = true
    queueMicrotask(flush)
    waitForFrame(() => {
      isInFrame = false
      if (isAsked && !isCancelled) beginFrame()
    })
  }

  return {
    request() {
      isAsked = true
      if (!isInFrame && !isCancelled) beginFrame()
    },
    flush,
    cancel() {
      isCancelled = true
    },
  }
}
