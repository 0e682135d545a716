/** Runs in a browser, whose HTML parser the round trip depends on: see `round-trip.test.ts`. */
import fc from 'fast-check'
import type { BlockContent } from '../../core/text/blocks.ts'
import { readHtml } from '../../renderer/files/html-reader.ts'
import { writePage } from '../../renderer/files/html-writer.ts'
import { readMarkdown } from '../../renderer/files/markdown-reader.ts'
import { writeMarkdown } from '../../renderer/files/markdown-writer.ts'
import { documents } from './arbitrary-blocks.ts'

const formats = {
  markdown: { write: writeMarkdown, read: readMarkdown },
  html: { write: writePage, read: readHtml },
} as const

export type RoundTripFormat = keyof typeof formats

/** Checks that what is written reads back the same. Answers with null, or with the smallest document that does not and what became of it. */
function checkRoundTrip(format: RoundTripFormat, seed: number, numRuns: number): string | null {
  const result = fc.check(
    fc.property(documents, ({ title, blocks }) => comparable(title, blocks) === again(format, title, blocks).read),
    { seed, numRuns },
  )
  const [found] = result.counterexample ?? []
  if (!found) return null
  const { written, read } = again(format, found.title, found.blocks)
  return [`seed ${seed}`, comparable(found.title, found.blocks), written, read].join('\n\n')
}

function again(format: RoundTripFormat, title: string, blocks: readonly BlockContent[]) {
  const written = formats[format].write(title, blocks)
  const read = formats[format].read(written, { sourceOf: (src, original) => original ?? src })
  return { written, read: comparable(read.title ?? '', read.blocks) }
}

/** Attributes and marks have no order. */
const comparable = (title: string, blocks: readonly BlockContent[]) =>
  JSON.stringify({
    title,
    blocks: blocks.map(({ marker, runs }) => ({
      marker: [marker?.type, marker?.parents, Object.entries(marker?.attrs ?? {}).sort()],
      runs: runs.map(({ text, marks }) => [text, Object.entries(marks).sort()]),
    })),
  })

declare global {
  interface Window {
    checkRoundTrip: typeof checkRoundTrip
    readFile(format: RoundTripFormat, text: string): BlockContent[]
  }
}
window.checkRoundTrip = checkRoundTrip
window.readFile = (format, text) => [...formats[format].read(text, { sourceOf: (src) => src }).blocks]
