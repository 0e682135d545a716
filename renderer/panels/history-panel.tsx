import { useStore } from '@nanostores/react'
import { useEffect, useMemo, useState } from 'react'
import { Header, ListBox, ListBoxItem, ListBoxSection } from 'react-aria-components'
import type { Sitting } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { personName } from '../app/people.ts'
import { amountWords, daysOf, type Stretch, stretchesOf, timeWords } from './sittings.ts'

/** The key of the line that stands for the present text. */
const present = 'present'

/** The sittings of the open document. Choosing one, by pointer or arrow keys, shows the text as it was at its end. */
export function HistoryPanel() {
  const { desk } = useApp()
  const onDesk = useStore(desk.onDesk)
  if (onDesk.state !== 'open') return <p className="panel-empty">Open a document to see its history.</p>
  return <Timeline key={onDesk.id} id={onDesk.id} />
}

function Timeline({ id }: { id: DocumentId }) {
  const { desk, people } = useApp()
  const timeline = useTimeline(id)
  const version = useStore(desk.version)
  const days = useMemo(() => (timeline ? daysOf(timeline.sittings, timeline.readAt) : []), [timeline])

  useEffect(() => {
    const authors = (timeline?.sittings ?? []).flatMap(({ author }) => author ?? [])
    // Without an answer the authors stay *Somebody*.
    people.lookUp(authors).catch(console.warn)
  }, [people, timeline])

  function choose(key: string | undefined) {
    const sittings = timeline?.sittings ?? []
    const sitting = sittings.find(({ index }) => String(index) === key)
    desk.showVersion(sitting ? { sitting, before: sittings.find(({ index }) => index === sitting.index - 1)?.heads ?? [] } : null)
  }

  if (!timeline) return <div className="panel-empty" aria-busy="true" />
  if (timeline.sittings.length === 0)
    return <p className="panel-empty">Nothing is written yet. From the first word on, every version is kept here.</p>
  return (
    <ListBox
      className="timeline"
      aria-label="Versions of this document"
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={[version ? String(version.sitting.index) : present]}
      onSelectionChange={(keys) => choose(keys === 'all' ? undefined : [...keys].map(String)[0])}
    >
      <ListBoxItem id={present} className="sitting sitting-present" textValue="Now">
        <span className="item-label">Now</span>
        <span className="item-detail">The text as it is</span>
      </ListBoxItem>
      {days.map((day) => (
        <ListBoxSection key={day.sittings[0]?.index} id={`day ${day.sittings[0]?.index}`}>
          <Header>{day.name}</Header>
          {stretchesOf(day.sittings).flatMap((stretch) =>
            stretch.sittings.map((sitting, place) => (
              <SittingItem key={sitting.index} sitting={sitting} stretch={place === 0 ? stretch : null} />
            )),
          )}
        </ListBoxSection>
      ))}
    </ListBox>
  )
}

/** A line of the timeline. Of a stretch only the first line shows the time, that of the whole. */
function SittingItem({ sitting, stretch }: { sitting: Sitting; stretch: Stretch | null }) {
  const { people, session } = useApp()
  const known = useStore(people.known)
  const me = useStore(session.info)?.me
  const person = sitting.author === null ? undefined : sitting.author === me?.key ? me : known[sitting.author]
  const name = personName(person, me?.key)
  const time = timeWords(sitting)
  return (
    <ListBoxItem id={String(sitting.index)} className="sitting" textValue={`${time}, ${name}`} data-follows={stretch === null || undefined}>
      {stretch && (
        <span className="item-label">
          <time dateTime={new Date(stretch.endedAt).toISOString()}>{timeWords(stretch)}</time>
        </span>
      )}
      <span className="item-detail">
        <span className="sitting-author" data-person-color={person?.color}>
          <bdi>{name}</bdi>
        </span>
        <span className="sitting-amount">{amountWords(sitting)}</span>
      </span>
    </ListBoxItem>
  )
}

interface ReadTimeline {
  sittings: Sitting[]
  readAt: number
}

/** The timeline, kept up to date while it is shown; null until it is there. */
function useTimeline(id: DocumentId): ReadTimeline | null {
  const { session } = useApp()
  const connection = useStore(session.connection)
  const [timeline, setTimeline] = useState<ReadTimeline | null>(null)
  useEffect(() => {
    if (connection !== 'connected') return
    let isCurrent = true
    const read = () =>
      session.engine.call('history.timeline', { id }).then(
        (sittings) => isCurrent && setTimeline({ sittings, readAt: Date.now() }),
        (error: unknown) => console.warn('The history was not read', error),
      )
    void read()
    const stop = session.engine.on('history.changed', (changed) => {
      if (changed.id === id) void read()
    })
    return () => {
      isCurrent = false
      stop()
    }
  }, [session, id, connection])
  return timeline
}
