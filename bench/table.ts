import type { Benchmark } from './benchmark.ts'
import { receiving, typing } from './editing.ts'
import { historyBenchmarks } from './history.ts'

/** Every benchmark, in the order of the table. */
export const benchmarks: Benchmark[] = [typing, receiving, ...historyBenchmarks]
