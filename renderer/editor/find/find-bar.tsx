import { useStore } from '@nanostores/react'
import { ArrowDown, ArrowUp, CaseSensitive, ChevronDown, ChevronRight, Regex, WholeWord, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { formatNumber } from '../../app/format.ts'
import { ToolbarButton } from '../popups/selection-toolbar.tsx'
import { changeFind, closeFind, findState, type FindState, matches, patternProblem, takeStep } from './find-state.ts'
import './find.css'

/** Looks for text in the document, and replaces it. Enter goes on, Shift-Enter back, Escape closes. */
export function FindBar({ isEditable }: { isEditable: boolean }) {
  const find = useStore(findState)
  if (!find.isOpen) return null
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape comes from the controls in it, the bar itself is none
    <search className="find-bar" aria-label="Find in this document" onKeyDown={(event) => event.key === 'Escape' && closeFind()}>
      <FindRow find={find} isEditable={isEditable} />
      {find.showsReplace && isEditable && <ReplaceRow find={find} />}
    </search>
  )
}

function FindRow({ find, isEditable }: { find: FindState; isEditable: boolean }) {
  const field = useRef<HTMLInputElement>(null)
  const problem = patternProblem(find)
  useEffect(() => {
    if (find.asked > 0) field.current?.select()
  }, [find.asked])
  const step = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
    event.preventDefault()
    takeStep(event.shiftKey ? 'previous' : 'next')
  }
  return (
    <div className="find-row">
      {isEditable && (
        <ToolbarButton label="Replace" isExpanded={find.showsReplace} onPress={() => changeFind({ showsReplace: !find.showsReplace })}>
          {find.showsReplace ? <ChevronDown aria-hidden="true" size={16} /> : <ChevronRight aria-hidden="true" size={16} />}
        </ToolbarButton>
      )}
      <input
        ref={field}
        aria-label="Find"
        aria-invalid={problem !== null}
        placeholder="Find"
        spellCheck={false}
        value={find.search}
        onChange={(event) => changeFind({ search: event.target.value })}
        onKeyDown={step}
      />
      <span className="find-count" role="status">
        <Found find={find} problem={problem} />
      </span>
      <ToolbarButton label="Match case" isOn={find.isCaseSensitive} onPress={() => changeFind({ isCaseSensitive: !find.isCaseSensitive })}>
        <CaseSensitive aria-hidden="true" size={17} />
      </ToolbarButton>
      <ToolbarButton label="Whole words" isOn={find.isWholeWord} onPress={() => changeFind({ isWholeWord: !find.isWholeWord })}>
        <WholeWord aria-hidden="true" size={17} />
      </ToolbarButton>
      <ToolbarButton
        label="Regular expression"
        isOn={find.isRegularExpression}
        onPress={() => changeFind({ isRegularExpression: !find.isRegularExpression })}
      >
        <Regex aria-hidden="true" size={15} />
      </ToolbarButton>
      <ToolbarButton label="Previous match" shortcut="Mod-Shift-g" onPress={() => takeStep('previous')}>
        <ArrowUp aria-hidden="true" size={16} />
      </ToolbarButton>
      <ToolbarButton label="Next match" shortcut="Mod-g" onPress={() => takeStep('next')}>
        <ArrowDown aria-hidden="true" size={16} />
      </ToolbarButton>
      <ToolbarButton label="Close" onPress={closeFind}>
        <X aria-hidden="true" size={16} />
      </ToolbarButton>
    </div>
  )
}

function Found({ find, problem }: { find: FindState; problem: string | null }) {
  const { count, current } = useStore(matches)
  if (problem !== null) return <span className="find-problem">Not a regular expression: {problem}</span>
  if (find.isSlow) return <span className="find-problem">This expression takes too long in this document.</span>
  if (find.search === '') return null
  if (count === 0) return <>None</>
  return current > 0 ? <>{`${formatNumber(current)} of ${formatNumber(count)}`}</> : <>{formatNumber(count)}</>
}

function ReplaceRow({ find }: { find: FindState }) {
  const replaceOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
    event.preventDefault()
    takeStep('replace')
  }
  return (
    <div className="find-row">
      <input
        className="find-replacement"
        aria-label="Replace with"
        placeholder="Replace with"
        spellCheck={false}
        value={find.replace}
        onChange={(event) => changeFind({ replace: event.target.value })}
        onKeyDown={replaceOnEnter}
      />
      <ToolbarButton label="Replace this match" onPress={() => takeStep('replace')}>
        Replace
      </ToolbarButton>
      <ToolbarButton label="Replace all matches" onPress={() => takeStep('replace-all')}>
        All
      </ToolbarButton>
    </div>
  )
}
