import type { Benchmark } from './benchmark.ts'
import { painting, receiving, typing } from './editing.ts'
import { batches, edits, pastes } from './edits.ts'
import { engineBenchmarks } from './engine.ts'
import { firstSync } from './first-sync.ts'
import { historyBenchmarks } from './history.ts'
import { memory } from './memory.ts'
import { propagation, relayHop } from './relay.ts'
import { relayLoad } from './relay-load.ts'
import { starting } from './start.ts'

/** Every benchmark, in the order of the table. */
export const benchmarks: Benchmark[] = [
  starting,
  typing,
  painting,
  receiving,
  ...batches,
  ...edits,
  ...pastes,
  memory,
  ...historyBenchmarks,
  ...engineBenchmarks,
  ...propagation,
  ...relayHop,
  ...relayLoad,
  firstSync,
]
