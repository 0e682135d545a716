import { join } from 'node:path'
import { type DurableFiles, diskProblem, isMissing } from './durable-files.ts'

/**
 * A small record in a JSON file: read once, kept in memory, written whole after each change. A file that is damaged is set aside, never overwritten.
 */
export class JsonFile<Value> {
  readonly #files: DurableFiles
  readonly #path: string
  #writing: Promise<void> = Promise.resolve()
  value: Value

  private constructor(files: DurableFiles, path: string, value: Value) {
    this.#files = files
    this.#path = path
    this.value = value
  }

  /** `parse` throws on what is not such a record; then, and where there is no file, the record is `initial`. */
  static async open<Value>(files: DurableFiles, dataDir: string, name: string, parse: (json: unknown) => Value, initial: Value) {
    const path = join(dataDir, name)
    let text: string
    try {
      text = await files.fs.readFile(path, 'utf8')
    } catch (error) {
      if (isMissing(error)) return new JsonFile(files, path, initial)
      throw error
    }
    try {
      return new JsonFile(files, path, parse(JSON.parse(text)))
    } catch {
      await setAside(files, dataDir, name)
      return new JsonFile(files, path, initial)
    }
  }

  /** Takes a new value at once. Resolves when it is durable; on a disk that cannot be written, when that is known: then it lasts as long as the process. */
  set(value: Value): Promise<void> {
    this.value = value
    const before = this.#writing.catch(() => {}) // Who asked for that write was told.
    this.#writing = before.then(() => this.#write())
    return this.#writing
  }

  /** Resolves when no write is under way. */
  settled = () => this.#writing

  async #write(): Promise<void> {
    try {
      await this.#files.write(this.#path, Buffer.from(JSON.stringify(this.value, mapsAsObjects)))
    } catch (error) {
      if (!diskProblem(error)) throw error
    }
  }
}

/** Moves a damaged file of the data folder into its quarantine, beside what was set aside before. Where nothing can be written it stays. */
export async function setAside(files: DurableFiles, dataDir: string, name: string): Promise<void> {
  const quarantine = join(dataDir, 'quarantine')
  const taken = new Set(await files.fs.readdir(quarantine).catch(() => []))
  let free = name
  for (let count = 2; taken.has(free); count++) free = `${name}.${count}`
  try {
    await files.move(join(dataDir, name), join(quarantine, free))
  } catch (error) {
    if (!diskProblem(error)) throw error
  }
}

const mapsAsObjects = (_: string, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value)
