/**
 * Messages that many clients get are framed here, once for all of them, and written to their sockets as they are. `ws` frames a message for each receiver again, and
 * hands header and content to the system one by one: in a crowd that was a tenth of all that a relay does.
 */

/** A message with the header of its WebSocket frame, as it goes over the wire. */
export type FramedMessage = Uint8Array & { readonly framed: unique symbol }

/** FIN, and the opcode of a binary message. */
const wholeBinary = 0x82
/** What the second byte says where the length stands in the two, or eight, bytes that follow. A server's frames are not masked. */
const [twoByteLength, eightByteLength] = [126, 127]

/** One frame of a server: RFC 6455, section 5.2. */
export function framed(message: Uint8Array): FramedMessage {
  const { length } = message
  const headerBytes = length < twoByteLength ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headerBytes + length)
  frame[0] = wholeBinary
  if (headerBytes === 2) frame[1] = length
  else if (headerBytes === 4) {
    frame[1] = twoByteLength
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = eightByteLength
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.set(message, headerBytes)
  return frame as Uint8Array as FramedMessage
}
