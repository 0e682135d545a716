/**
 * Whether Automerge has panicked: its code met something that it takes for impossible, and stopped where it was. Nobody knows what is left in its memory then, so this copy of
 * it must not be used again. After a panic its objects also answer that they are still in use, where the first error was caught by somebody.
 */
export function isPanic(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (
      each.name === 'RuntimeError' ||
      each.name === 'PanicError' ||
      /recursive use of an object|attempted to take ownership of Rust value/.test(each.message)
    )
      return true
  }
  return false
}
