import { useStore } from '@nanostores/react'
import { type FormEvent, useRef, useState } from 'react'
import { Button, FieldError, Input, Label, Text, TextField } from 'react-aria-components'
import type { RelayStatus } from '../../../core/contract/engine.ts'
import { asPalimpsestError } from '../../../core/errors.ts'
import { isInvite, isRelayAddress, parseInvite } from '../../../core/protocol/share-link.ts'
import { useApp } from '../app-model.ts'
import { errorWords } from '../notices.ts'
import { RelayPeople } from './relay-people.tsx'

type Test = { is: 'none' } | { is: 'running' } | { is: 'passed' } | { is: 'failed'; words: string }

/** The relay: joined with an invite, or known by its address, which is tried with *Test* and kept with *Use this relay*. */
export function RelaySettings() {
  const { session, messages } = useApp()
  const settings = useStore(session.settings)
  const status = useStore(session.relay)
  const [typed, setTyped] = useState(settings.relay)
  const [test, setTest] = useState<Test>({ is: 'none' })
  const address = typed.trim()
  const isKept = address === settings.relay
  const field = useRef<HTMLInputElement>(null)

  /** The button that was pressed is about to go, or can be pressed no more; the focus would fall out of the dialog with it. */
  const keepFocus = () => field.current?.focus()

  async function tryAddress() {
    setTest({ is: 'running' })
    try {
      await session.engine.call('relay.test', { address })
      setTest({ is: 'passed' })
    } catch (thrown) {
      setTest({ is: 'failed', words: testWords(thrown) })
    }
  }

  async function join() {
    setTest({ is: 'running' })
    try {
      await session.engine.call('relay.join', { invite: address })
      keepFocus()
      setTyped(parseInvite(address).relay)
      setTest({ is: 'none' })
    } catch (thrown) {
      const error = asPalimpsestError(thrown)
      setTest({ is: 'failed', words: error.code === 'invalid' && error.detail ? error.detail : errorWords(error) })
    }
  }

  async function leave() {
    keepFocus()
    await messages.attempt('You are still signed in.', session.engine.call('relay.leave', {}))
    setTyped('')
  }

  async function keep(event: FormEvent) {
    event.preventDefault()
    if (isInvite(address)) return join()
    if (isKept) return
    // Said in the field before it is asked of the engine, so that no other address is shown meanwhile.
    if (address !== '' && !isRelayAddress(address)) return setTest({ is: 'failed', words: noAddress })
    keepFocus()
    await messages.attempt('The relay’s address was not kept.', session.updateSettings({ relay: address }))
  }

  return (
    <form onSubmit={(event) => void keep(event)}>
      <p>
        A relay passes your words to the people you share with. Whoever runs it gives you an invite. Without one, everything stays on this
        computer. Signing out keeps every document here.
      </p>
      <TextField
        className="field"
        value={typed}
        onChange={(value) => {
          setTyped(value)
          setTest({ is: 'none' })
        }}
        isInvalid={test.is === 'failed'}
        // Native validation would keep an address from being kept while its relay is down.
        validationBehavior="aria"
      >
        <Label>Invite, or address of a relay</Label>
        <Input ref={field} placeholder="palimpsest://join/…" spellCheck="false" inputMode="url" />
        {test.is === 'passed' && (
          <Text slot="description" className="form-ok">
            A relay answers at this address.
          </Text>
        )}
        <FieldError className="form-error">{test.is === 'failed' ? test.words : null}</FieldError>
      </TextField>
      <div className="dialog-buttons">
        {settings.relay !== '' && (
          <Button className="button" onPress={() => void leave()}>
            Sign out
          </Button>
        )}
        {!isInvite(address) && (
          <Button className="button" onPress={() => void tryAddress()} isDisabled={address === '' || test.is === 'running'}>
            {test.is === 'running' ? 'Testing' : 'Test'}
          </Button>
        )}
        <Button className="button primary" type="submit" isDisabled={isKept}>
          {isInvite(address) ? 'Join this relay' : address === '' && !isKept ? 'Use no relay' : 'Use this relay'}
        </Button>
      </div>
      <p className="soft" role="status">
        {relayWords(status)}
      </p>
      {status.state === 'connected' && <RelayPeople key={status.address} />}
    </form>
  )
}

const noAddress = 'This is not the address of a relay. It begins with ws:// or wss://.'

function testWords(thrown: unknown): string {
  const error = asPalimpsestError(thrown)
  if (error.code === 'invalid') return noAddress
  return errorWords(error)
}

const stateWords: Record<RelayStatus['state'], string> = {
  none: 'No relay is set.',
  connecting: 'Connecting to the relay.',
  connected: 'Connected to the relay.',
  unreachable: 'The relay cannot be reached at the moment. Changes are kept here and sent when it can.',
  'not-a-relay': 'What answers at this address is not a Palimpsest relay. Check the address.',
  refused: 'The relay does not let you in. Ask the person who runs it.',
}

const relayWords = ({ state, problem }: RelayStatus) => problem ?? stateWords[state]
