/** Addresses that may come in and go out. */

const maxLinkLength = 2_000

/** The `palimpsest:` link among the arguments of a start, or null. Whether it means anything is for the page to say. */
export function findLink(argv: readonly string[]): string | null {
  return argv.find((argument) => /^palimpsest:/i.test(argument) && argument.length <= maxLinkLength) ?? null
}

/** What a text may link to. Other schemes start programs, or show files of this computer. */
const outside = new Set(['https:', 'http:', 'mailto:'])

/** Whether an address may be opened outside the app. */
export function mayOpenOutside(address: string): boolean {
  return outside.has(URL.parse(address)?.protocol ?? '')
}
