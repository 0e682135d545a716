/** How long a property runs: `FUZZ_RUNS` cases from the seed `FUZZ_SEED`, or as many as are given, and on a slow machine fewer. */
export const runsOf = (count: number) => ({
  numRuns: Number(process.env.FUZZ_RUNS ?? count),
  seed: Number(process.env.FUZZ_SEED ?? 1),
  ...(process.env.FUZZ_RUNS === undefined ? { interruptAfterTimeLimit: 40_000 } : {}),
})
