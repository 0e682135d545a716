import { closeCodes } from '../../core/protocol/messages.ts'

const words: Record<number, string> = {
  [closeCodes.goingAway]: 'Connections that met a fault of the relay',
  [closeCodes.tooLarge]: 'Connections with too large a message',
  [closeCodes.tryLater]: 'Connections while the disk was full',
  [closeCodes.malformed]: 'Connections that sent what is no message',
  [closeCodes.signedOut]: 'Connections whose ticket ended',
  [closeCodes.refused]: 'Connections of somebody who was removed',
  [closeCodes.silent]: 'Connections that said nothing',
  [closeCodes.poison]: 'Connections that sent a damaging change',
  [closeCodes.slow]: 'Connections that were too slow',
  [closeCodes.lost]: 'Connections that had died',
}

/** Why the relay ended connections, in words. */
export const closeWords = (code: number): string => words[code] ?? `Connections with code ${code}`
