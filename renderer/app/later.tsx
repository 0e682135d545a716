/**
 * What the first letter does not need: dialogs, the history, files. Its code comes after the text is on the page, when the window has nothing else to do, so that
 * nobody ever waits for it; who asks before that waits a moment, and is told when it does not come.
 */
import { type ComponentType, useEffect, useEffectEvent, useState } from 'react'
import { PalimpsestError } from '../../core/errors.ts'
import { useApp } from './app-model.ts'

export interface Later<Value> {
  /** Null until it is there. */
  readonly value: Value | null
  /** Rejects with a `PalimpsestError` when it cannot be loaded; the next call tries again. */
  load(): Promise<Value>
}

const all: Later<unknown>[] = []

export function later<Value>(load: () => Promise<Value>): Later<Value> {
  let value: Value | null = null
  const made: Later<Value> = {
    get value() {
      return value
    },
    async load() {
      try {
        value ??= await load()
        return value
      } catch (cause) {
        const detail = 'A part of Palimpsest could not be loaded.'
        throw new PalimpsestError('engine-gone', 'a part of the page was not loaded', { cause, detail })
      }
    },
  }
  all.push(made)
  return made
}

/** Loads one part after the other, each when nothing else is to be done. What fails is tried again by whoever needs it. */
export function loadTheRest(): void {
  const [next] = all.filter(({ value }) => value === null)
  const goOn = () => next?.load().then(loadTheRest, (error: unknown) => console.warn('Loading ahead stopped', error))
  if (next) requestIdleCallback(() => void goOn(), { timeout: 2_000 })
}

/**
 * A component whose code comes later. It is drawn with the rest once it is there. When it does not come, the person is told `whatFailed`, and `onMissing` undoes
 * what asked for it.
 */
export function laterComponent<Props extends object>(whatFailed: string, load: () => Promise<ComponentType<Props>>) {
  const component = later(load)
  return function Later({ onMissing, ...props }: Props & { onMissing(): void }) {
    const { messages } = useApp()
    const [Loaded, setLoaded] = useState(() => component.value)
    const giveUp = useEffectEvent(onMissing)
    useEffect(() => {
      if (Loaded) return undefined
      let isWanted = true
      void messages.attempt(whatFailed, component.load()).then((loaded) => {
        if (!isWanted) return
        if (loaded) setLoaded(() => loaded)
        else giveUp()
      })
      return () => {
        isWanted = false
      }
    }, [Loaded, messages])
    return Loaded && <Loaded {...(props as unknown as Props)} />
  }
}
