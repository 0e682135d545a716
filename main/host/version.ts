/** Written in by the build, from `package.json`. */
declare const PALIMPSEST_VERSION: string

export const version = PALIMPSEST_VERSION
