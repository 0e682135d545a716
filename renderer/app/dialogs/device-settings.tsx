import { useStore } from '@nanostores/react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Button } from 'react-aria-components'
import type { Device } from '../../../core/contract/engine.ts'
import { useApp } from '../app-model.ts'
import { formatAgo } from '../format.ts'
import { AddDevice } from './add-device.tsx'
import { JoinPerson } from './join-person.tsx'

/** The devices on which the person writes: seen, added and removed while the relay is there. */
export function DeviceSettings() {
  const { session } = useApp()
  const relay = useStore(session.relay)
  const [{ devices, readAt }, setRead] = useState<{ devices: readonly Device[]; readAt: number }>({ devices: [], readAt: 0 })
  /** Only one of the two at a time: either this device shows a code, or it is told one. */
  const [isAdding, setAdding] = useState(false)
  const [isJoining, setJoining] = useState(false)
  const isConnected = relay.state === 'connected'
  const read = useCallback(
    // A relay that is open to all knows no devices; one that cannot be reached is told of in its own section.
    () =>
      session.engine
        .call('device.list', {})
        .catch(() => [])
        .then((list) => setRead({ devices: list, readAt: Date.now() })),
    [session],
  )
  useEffect(() => {
    if (isConnected) void read()
  }, [read, isConnected])

  return (
    <>
      <p>
        On several devices you are one person with one library. They find each other through a relay, and what is on it is on all of them.
        What is on no relay stays on its own device.
      </p>
      {isConnected && devices.length > 0 ? (
        <>
          <DeviceList devices={devices} readAt={readAt} onChanged={read} />
          {!isJoining && <AddDevice onAdded={read} onBusy={setAdding} />}
        </>
      ) : (
        <p className="soft" role="status" hidden={isJoining}>
          {isConnected ? 'This relay is open to everybody, and knows no devices.' : (relay.problem ?? notConnected(relay.address))}
        </p>
      )}
      {!isAdding && <JoinPerson onBusy={setJoining} />}
    </>
  )
}

const notConnected = (address: string) =>
  address === '' ? 'To add a device, join a relay first.' : 'Your devices are listed while the relay is connected.'

interface DeviceListProps {
  devices: readonly Device[]
  readAt: number
  onChanged(): Promise<unknown>
}

function DeviceList({ devices, readAt, onChanged }: DeviceListProps) {
  const { session, messages } = useApp()
  const section = useRef<HTMLElement>(null)
  async function remove(device: Device) {
    // The button goes with its device, and must not take the focus out of the dialog.
    section.current?.focus()
    await messages.attempt('The device was not removed.', session.engine.call('device.remove', { key: device.key }))
    await onChanged()
  }
  return (
    <section ref={section} tabIndex={-1} className="share-people" aria-label="Your devices">
      <ul>
        {devices.map((device) => (
          <DeviceRow key={device.key} device={device} readAt={readAt} onRemove={() => void remove(device)} />
        ))}
      </ul>
    </section>
  )
}

/** Removing cannot be undone, so it is asked for twice. */
function DeviceRow({ device, readAt, onRemove }: { device: Device; readAt: number; onRemove(): void }) {
  const [isAsking, setAsking] = useState(false)
  const name = device.name || 'A device without a name'
  if (isAsking)
    return (
      <li>
        <span className="share-person">Remove {name}? It is shut out at once. What is on its disk stays there.</span>
        <Button className="button" onPress={() => setAsking(false)} autoFocus>
          Keep it
        </Button>
        <Button className="button danger" onPress={onRemove}>
          Remove it
        </Button>
      </li>
    )
  return (
    <li>
      <span className="share-person">
        {name}
        <br />
        <span className="soft">{device.isThis ? 'This device' : `Last here ${formatAgo(device.seenAt, readAt)}`}</span>
      </span>
      {!device.isThis && (
        <Button className="button" aria-label={`Remove ${name}`} onPress={() => setAsking(true)}>
          Remove
        </Button>
      )}
    </li>
  )
}
