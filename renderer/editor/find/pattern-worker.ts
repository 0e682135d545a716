/** A thread that looks for a pattern in texts, only to see how long that takes. */
export interface PatternTrial {
  readonly pattern: string
  readonly flags: string
  readonly texts: readonly string[]
}

addEventListener('message', ({ data: { pattern, flags, texts } }: MessageEvent<PatternTrial>) => {
  const expression = new RegExp(pattern, flags)
  let count = 0
  for (const text of texts) for (const _ of text.matchAll(expression)) count += 1
  postMessage(count)
})
