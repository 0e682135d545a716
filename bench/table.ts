import type { Benchmark } from './benchmark.ts'

/** Every benchmark, in the order of the table. */
export const benchmarks: Benchmark[] = []
