import type { Benchmark } from './benchmark.ts'
import { receiving, typing } from './editing.ts'
import { engineBenchmarks } from './engine.ts'
import { historyBenchmarks } from './history.ts'
import { propagation, relayHop } from './relay.ts'

/** Every benchmark, in the order of the table. */
export const benchmarks: Benchmark[] = [typing, receiving, ...historyBenchmarks, ...engineBenchmarks, ...propagation, ...relayHop]
