/** What stands above a Markdown text between two lines of `---`. */
export interface FrontMatter {
  readonly title: string | null
  readonly tags: readonly string[]
  /** Names of what there is no place for here. */
  readonly others: readonly string[]
}

const matterOf = /^---\r?\n([\w-]+:.*\r?\n(?:[\w-]+:.*\r?\n|[ \t#-].*\r?\n|\r?\n)*?)---[ \t]*(?:\r?\n|$)/

/** Front matter, which is null where there is none, and the text below it. */
export function splitFrontMatter(text: string): { frontMatter: FrontMatter | null; body: string } {
  const matter = matterOf.exec(text)
  if (!matter) return { frontMatter: null, body: text }
  const entries = entriesOf(matter[1]!)
  const others = [...entries.keys()].filter((name) => name !== 'title' && name !== 'tags')
  const title = entries.get('title')
  const frontMatter = { title: title ? unquoted(title.value) : null, tags: tagsOf(entries.get('tags')), others }
  return { frontMatter, body: text.slice(matter[0].length) }
}

/** A value on the line of its name, and the lines below that belong to it. */
interface Entry {
  readonly value: string
  readonly below: string[]
}

function entriesOf(lines: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  let last: Entry | undefined
  for (const line of lines.split(/\r?\n/)) {
    const [, name, value = ''] = /^([\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined) last?.below.push(line)
    else entries.set(name.toLowerCase(), (last = { value, below: [] }))
  }
  return entries
}

const longestTag = 100
const mostTags = 100

/** Tags as others write them: `[a, b]`, `a, b`, or one on each line below. */
function tagsOf(entry: Entry | undefined): string[] {
  if (!entry) return []
  const beside = entry.value.replace(/^\[(.*)\]$/, '$1').split(',')
  const below = entry.below.map((line) => /^\s*-\s+(.*?)\s*$/.exec(line)?.[1] ?? '')
  const tags = [...beside, ...below].map((tag) => unquoted(tag.trim()).replace(/^#/, '').trim().slice(0, longestTag))
  return [...new Set(tags)].filter((tag) => tag !== '').slice(0, mostTags)
}

function unquoted(value: string): string {
  if (!/^".*"$/.test(value)) return value.replace(/^'(.*)'$/, '$1')
  try {
    return String(JSON.parse(value))
  } catch {
    // Quoted by other rules than JSON's: as it stands, without the quotes.
    return value.slice(1, -1)
  }
}
