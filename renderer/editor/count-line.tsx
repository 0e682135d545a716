import { useStore } from '@nanostores/react'
import { useState } from 'react'
import { formatCount, formatNumber } from '../app/format.ts'
import { textCounts } from './word-count.ts'

/** Words of the document, or of the selection in it; a press shows characters instead. */
export function CountLine() {
  const counts = useStore(textCounts)
  const [unit, setUnit] = useState<'words' | 'characters'>('words')
  if (!counts) return null
  const { all, selected } = counts
  const total = formatCount(all[unit], unit.slice(0, -1))
  const text = selected ? `${formatNumber(selected[unit])} of ${total}` : total
  return (
    <button
      type="button"
      className="count-line"
      title={`${formatCount(all.words, 'word')}, ${formatCount(all.characters, 'character')}`}
      onClick={() => setUnit(unit === 'words' ? 'characters' : 'words')}
    >
      {text}
    </button>
  )
}
