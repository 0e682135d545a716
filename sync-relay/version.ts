/** Put in by the build; a relay that runs from its sources has none. */
declare const PALIMPSEST_VERSION: string | undefined

export const version = typeof PALIMPSEST_VERSION === 'string' ? PALIMPSEST_VERSION : 'from its sources'
