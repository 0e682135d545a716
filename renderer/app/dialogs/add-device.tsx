import { useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import { asPalimpsestError } from '../../../core/errors.ts'
import { useApp } from '../app-model.ts'
import { formatTime } from '../format.ts'
import { errorWords } from '../notices.ts'

type Adding =
  | { is: 'not'; problem: string | null }
  | { is: 'waiting'; code: string; relay: string; expiresAt: number }
  | { is: 'asked'; name: string }
  | { is: 'coming'; name: string }

/** Shows a code for another device of the person, and asks them when one uses it. */
export function AddDevice({ onAdded, onBusy }: { onAdded(): Promise<unknown>; onBusy(isBusy: boolean): void }) {
  const { session, messages } = useApp()
  const { engine } = session
  const [adding, setAdding] = useState<Adding>({ is: 'not', problem: null })

  useEffect(
    () =>
      engine.on('pairing.changed', (pairing) => {
        if (pairing.state === 'asked') setAdding({ is: 'asked', name: pairing.name })
        if (pairing.state === 'ended') setAdding({ is: 'not', problem: pairing.problem })
      }),
    [engine],
  )
  useEffect(() => onBusy(adding.is !== 'not'), [onBusy, adding])
  // A code that nobody sees is of no use.
  useEffect(() => () => void engine.call('device.cancel', {}).catch(() => undefined), [engine])

  async function begin() {
    try {
      setAdding({ is: 'waiting', ...(await engine.call('device.invite', {})) })
    } catch (thrown) {
      setAdding({ is: 'not', problem: wordsOf(thrown) })
    }
  }

  async function answer(name: string, accept: boolean) {
    if (accept) setAdding({ is: 'coming', name })
    await messages.attempt('The device was not added.', engine.call('device.answer', { accept }))
    setAdding({ is: 'not', problem: null })
    await onAdded()
  }

  async function cancel() {
    await engine.call('device.cancel', {}).catch(() => undefined)
    setAdding({ is: 'not', problem: null })
  }

  if (adding.is === 'not')
    return (
      <div className="device-step">
        {adding.problem !== null && (
          <p className="form-error" role="status">
            {adding.problem}
          </p>
        )}
        <div className="dialog-buttons">
          <Button className="button" onPress={() => void begin()}>
            Add a device
          </Button>
        </div>
      </div>
    )
  if (adding.is === 'waiting')
    return (
      <div className="device-step" role="status">
        <p>On the new device, open Settings, Devices, choose “Use a code from another device”, and type:</p>
        <dl className="device-code">
          <dt>Relay</dt>
          <dd>{adding.relay}</dd>
          <dt>Code</dt>
          <dd className="code">{adding.code}</dd>
        </dl>
        <p className="soft">Good for one device, until {formatTime(adding.expiresAt)}. Waiting for it.</p>
        <div className="dialog-buttons">
          <Button className="button" onPress={() => void cancel()} autoFocus>
            Cancel
          </Button>
        </div>
      </div>
    )
  if (adding.is === 'coming')
    return (
      <p className="soft" role="status">
        {adding.name} is being added.
      </p>
    )
  return (
    <div className="device-step" role="alert">
      <p>
        <strong>{adding.name}</strong> knows the code and asks to be added. It will have your library and write in your name.
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={() => void answer(adding.name, false)} autoFocus>
          Do not add it
        </Button>
        <Button className="button primary" onPress={() => void answer(adding.name, true)}>
          Add it
        </Button>
      </div>
    </div>
  )
}

function wordsOf(thrown: unknown): string {
  const error = asPalimpsestError(thrown)
  return error.detail ?? errorWords(error)
}
