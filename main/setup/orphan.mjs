import { readFileSync } from 'node:fs'

const lookMs = 500

/**
 * Calls `orphaned` when whoever started this process is gone. npm puts a shell between itself and its scripts, and the shell passes no
 * signal on: without this, ending `npm start` would leave the app running. The shell's own parent is known only on Linux.
 */
export function whenOrphaned(orphaned) {
  const family = ancestors()
  const timer = setInterval(() => {
    if (ancestors() === family) return
    clearInterval(timer)
    orphaned()
  }, lookMs)
  timer.unref()
}

function ancestors() {
  return `${process.ppid} ${parentOf(process.ppid)}`
}

function parentOf(pid) {
  try {
    // The second field is the program's name in parentheses, which may hold anything; the fourth is the parent.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]
  } catch {
    // No such file system here.
    return ''
  }
}
