import { type Benchmark, prose } from './benchmark.ts'
import { openBenchBrowser, type SubjectName } from './browser.ts'

/** What an open document keeps in the memory of the page's process. Each stack has a browser of its own, and a document that was made elsewhere. */

const paragraphs = prose(500_000)
const megabyte = 1024 * 1024

async function processBytes(subject: SubjectName, saved: number[]): Promise<number> {
  const browser = await openBenchBrowser()
  try {
    if (subject === 'palimpsest') await browser.call('openSaved', saved)
    else await browser.call('mount', subject, paragraphs)
    return await browser.processBytes()
  } finally {
    await browser.close()
  }
}

async function savedInPage(): Promise<number[]> {
  const browser = await openBenchBrowser()
  try {
    return await browser.call('save', paragraphs)
  } finally {
    await browser.close()
  }
}

export const memory: Benchmark = {
  name: 'memory-500k',
  unit: 'MB',
  budget: 200,
  what: 'memory of the page’s process with a document of 500,000 characters open, beside ProseMirror with no binding',
  async run() {
    const saved = await savedInPage()
    const peers: Record<string, number> = {}
    for (const peer of ['prosemirror-alone', 'y-prosemirror', '@automerge/prosemirror'] as const)
      peers[peer] = (await processBytes(peer, saved)) / megabyte
    return { value: (await processBytes('palimpsest', saved)) / megabyte, peers }
  },
}
