import { Writer } from '../binding/test-writer.ts'
import { longEdits } from './long-edits.ts'
import { taskKey } from './task.ts'

/** A writer whose edits are long from a few characters on, and whose frames come when they are asked for. */
export class SlowWriter extends Writer {
  private readonly frames: (() => void)[]

  constructor(bytes: Uint8Array, canEdit?: () => boolean) {
    const frames: (() => void)[] = []
    super(bytes, canEdit, [longEdits((over) => frames.push(over), { deletion: 3, insertion: 4 })])
    this.frames = frames
  }

  get isBusy(): boolean {
    return Boolean(taskKey.getState(this.editor.state))
  }

  frame(): void {
    for (const over of this.frames.splice(0)) over()
    this.check()
  }

  finish(): void {
    while (this.isBusy) this.frame()
  }
}
