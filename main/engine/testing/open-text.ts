/** A renderer without a screen: connected to an engine, with a document open. */
import * as A from '@automerge/automerge/slim'
import { createPortPair } from '../../../core/contract/memory-port.ts'
import { connectEngine, type EngineConnection } from '../../../core/contract/rpc.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { TextDocument } from '../../../core/text/document.ts'
import type { Engine } from '../engine.ts'

export function connect(engine: Engine): EngineConnection {
  const [ours, theirs] = createPortPair()
  engine.accept(theirs)
  return connectEngine(ours)
}

/** Puts a document on the relay and makes a link with which others can write in it. */
export async function shareByLink(client: EngineConnection, id: DocumentId, task?: string): Promise<{ link: string }> {
  await client.call('share.create', { id, ...(task !== undefined && { task }) })
  return client.call('share.link', { id, role: 'editor' })
}

/** A document in a window: loaded from the engine, edited with Automerge, its changes sent back. */
export class OpenText {
  readonly #client: EngineConnection
  readonly id: DocumentId
  doc: A.Doc<TextDocument>
  #sentHeads: A.Heads

  private constructor(client: EngineConnection, id: DocumentId, doc: A.Doc<TextDocument>) {
    this.#client = client
    this.id = id
    this.doc = doc
    this.#sentHeads = A.getHeads(doc)
    client.on('document.changes', (event) => {
      if (event.id === id) this.doc = A.applyChanges(this.doc, event.changes)[0]
    })
  }

  static async open(client: EngineConnection, id: DocumentId): Promise<OpenText> {
    const { chunks, author } = await client.call('document.open', { id })
    const doc = A.clone(A.loadIncremental(A.init<TextDocument>(), Buffer.concat(chunks)), { author })
    return new OpenText(client, id, doc)
  }

  get text(): string {
    return this.doc.segments
      .map((segment) => segment.text)
      .join('')
      .replaceAll('\uFFFC', '')
  }

  /** Types at the end of the first segment and waits until that is durable. */
  type(text: string, time = Date.now()): Promise<unknown> {
    const at = this.doc.segments[0]?.text.length ?? 0
    this.doc = A.change(this.doc, { time: Math.floor(time / 1000) }, (draft) => A.splice(draft, ['segments', 0, 'text'], at, 0, text))
    return this.send()
  }

  /** Types so many letters, each a change, and waits until all are durable. */
  typeMany(letters: number): Promise<unknown> {
    for (let letter = 0; letter < letters; letter++) {
      const at = this.doc.segments[0]?.text.length ?? 0
      this.doc = A.change(this.doc, (draft) => A.splice(draft, ['segments', 0, 'text'], at, 0, 'a'))
    }
    return this.send()
  }

  /** Puts an image block at the end of the first segment. */
  insertImage(src: string): Promise<unknown> {
    const at = this.doc.segments[0]?.text.length ?? 0
    const block = { type: new A.ImmutableString('image'), parents: [], attrs: { src: new A.ImmutableString(src) }, isEmbed: true }
    this.doc = A.change(this.doc, (draft) => A.splitBlock(draft, ['segments', 0, 'text'], at, block))
    return this.send()
  }

  send(): Promise<unknown> {
    const changes = A.getChangesSince(this.doc, this.#sentHeads)
    this.#sentHeads = A.getHeads(this.doc)
    return this.#client.call('document.change', { id: this.id, changes })
  }
}
