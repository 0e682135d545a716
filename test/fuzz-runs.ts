/** How long a property runs: `FUZZ_RUNS` cases from the seed `FUZZ_SEED`, or as many as are given, and on a slow machine fewer. A failure is shrunk for as long. */
export const runsOf = (count: number) => ({
  numRuns: Number(process.env.FUZZ_RUNS ?? count),
  seed: Number(process.env.FUZZ_SEED ?? 1),
  interruptAfterTimeLimit: process.env.FUZZ_RUNS === undefined ? 40_000 : 240_000,
})
