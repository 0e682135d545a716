/** Longest name of a file in UTF-8, with room for an ending and a number. */
const maxNameBytes = 200

/** A name that every file system takes. */
export function fileName(title: string): string {
  const letters = Array.from(
    title
      .toWellFormed()
      .replace(/[\\/:*?"<>|\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/^\.+|[. ]+$/g, ''),
  ).slice(0, 120)
  while (new TextEncoder().encode(letters.join('')).length > maxNameBytes) letters.pop()
  const plain = letters.join('').trim()
  return plain === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(plain) ? `Untitled${plain ? ` ${plain}` : ''}` : plain
}

/** A path as an address, with what would end it in Markdown or in any address written out. */
export const addressOf = (path: string) =>
  encodeURIComponent(path)
    .replaceAll('%2F', '/')
    .replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'))
