import type { Role } from './contract/engine.ts'

/** What a person may do with a document, from the least to the most. Each role may do what those before it may. */
export const roles = ['viewer', 'commenter', 'editor', 'owner'] as const satisfies readonly Role[]

/**
 * What a document is to those who share it: a text, the margin of a text, or an attachment that a text shows. The last two follow the text: who may
 * read it may read them.
 */
export type DocumentKind = 'text' | 'margin' | 'attachment'

/** Whether `role` is at least `needed`; nobody's role is null. */
export const isAtLeast = (role: Role | null, needed: Role): boolean => role !== null && roles.indexOf(role) >= roles.indexOf(needed)

/** The one that may do most, or null where there is none. */
export function strongest(given: Iterable<Role | null>): Role | null {
  let best: Role | null = null
  for (const role of given) if (role !== null && !isAtLeast(best, role)) best = role
  return best
}

/** Whether a person with this role in the text may add changes to it, to its margin, to what it shows. */
export const mayWriteTo = (kind: DocumentKind, role: Role | null): boolean => isAtLeast(role, kind === 'margin' ? 'commenter' : 'editor')
