/** Writers in one document at one server, as bare sockets: what they send is real, what they receive is counted and, where asked, recognised. */

export interface Writers {
  /** Sends one change of one writer, and returns what tells it apart from all others. */
  write(writer: number): string
  /** Frames that brought changes, and their bytes, since the last call. */
  takeTraffic(): { bytes: number; changes: number }
  close(): void
}

export interface WritersOptions {
  address: string
  count: number
  /** Name of the document. */
  document: string
  /** These writers look into what they receive; the others only count it. */
  observers: number
  /** An observer received the change with this mark. */
  onReceived: (mark: string) => void
}
