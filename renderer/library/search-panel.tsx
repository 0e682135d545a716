import { useStore } from '@nanostores/react'
import { Search, X } from 'lucide-react'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { Autocomplete, Button, ListBox, ListBoxItem, SearchField } from 'react-aria-components'
import type { SearchHit } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import { ListSearchInput } from '../app/list-search-input.tsx'

const shownHits = 50
const nothing: Answer = { text: '', hits: [] }

/** Looks into every text while the person types. Arrow keys go through what was found, Enter opens it. */
export function SearchPanel() {
  const { actions, view } = useApp()
  const [typed, setTyped] = useState('')
  const field = useRef<HTMLDivElement>(null)
  const open = (id: DocumentId) => actions.openDocument(id)
  /** For which words the first hit is to be opened as soon as there is an answer. */
  const wanted = useRef('')
  const { hits, text } = useSearch(typed, openWanted)
  function openWanted(answer: Answer) {
    if (answer.text !== wanted.current) return
    wanted.current = ''
    const [first] = answer.hits
    if (first) open(first.id)
  }
  function openFirst(words: string) {
    wanted.current = words
    openWanted({ hits, text })
  }
  const leave = () => view.sidebar.set({ show: 'library' })
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped}>
      <div className="search-bar">
        <SearchField
          ref={field}
          className="search-field"
          aria-label="Words to look for"
          autoFocus
          onKeyDown={(event) => (event.key === 'Escape' && typed === '' ? leave() : event.continuePropagation())}
        >
          <Button slot={null} className="search-icon" aria-label="Search" onPress={() => field.current?.querySelector('input')?.focus()}>
            <Search aria-hidden="true" size={16} strokeWidth={1.75} />
          </Button>
          <ListSearchInput placeholder="Words in titles and texts" onChooseFirst={openFirst} />
        </SearchField>
        <IconButton icon={X} label="Back to the library" onPress={leave} />
      </div>
      <ListBox
        className="search-list"
        aria-label="Found documents"
        items={hits}
        onAction={(key) => open(key as DocumentId)}
        renderEmptyState={() => <NothingFound typed={typed} isAnswered={text !== ''} />}
      >
        {(hit) => (
          <ListBoxItem className="search-hit" id={hit.id} textValue={hit.title || 'Untitled'}>
            <span className="search-hit-title">{hit.title === '' ? 'Untitled' : <Marked parts={hit.titleParts} />}</span>
            <span className="search-hit-snippet">
              <Marked parts={hit.snippetParts} />
            </span>
          </ListBoxItem>
        )}
      </ListBox>
    </Autocomplete>
  )
}

function NothingFound({ typed, isAnswered }: { typed: string; isAnswered: boolean }) {
  if (typed.trim() === '') return <p className="panel-empty">Type some words: every document that has all of them is listed as you type.</p>
  return isAnswered ? <p className="panel-empty">No document has all of these words. Try fewer, or only their beginnings.</p> : null
}

/** Alternately plain and highlighted. */
function Marked({ parts }: { parts: readonly string[] }) {
  // The parts of one hit never move.
  return parts.map((part, index) => (index % 2 === 0 ? <span key={index}>{part}</span> : <mark key={index}>{part}</mark>))
}

interface Answer {
  hits: readonly SearchHit[]
  /** What they answer; empty for nothing. */
  text: string
}

/** The hits for what is typed. The list stays while the next answer is on its way. */
function useSearch(typed: string, onAnswer: (answer: Answer) => void): Answer {
  const { session, library } = useApp()
  const [answer, setAnswer] = useState(nothing)
  const { documents } = useStore(library)
  const answered = useEffectEvent(onAnswer)
  const text = typed.trim()
  useEffect(() => {
    if (text === '') return
    let isLatest = true
    session.engine.call('search.query', { text, limit: shownHits }).then(
      (hits) => {
        if (!isLatest) return
        setAnswer({ text, hits })
        answered({ text, hits })
      },
      (error: unknown) => console.warn('The search was not answered', error),
    )
    return () => {
      isLatest = false
    }
    // An edit anywhere brings a fresh answer.
  }, [session, text, documents])
  return text === '' ? nothing : answer
}
