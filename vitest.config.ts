import { defineConfig } from 'vitest/config'

/**
 * Three projects, one after the other: `unit` is the fast gate of `npm run check`, `property` takes minutes, `e2e` drives the built app in a
 * real browser, and wants the machine for itself.
 */
const shared = {
  resolve: {
    conditions: ['node', 'import', 'module', 'default'],
  },
}

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['{core,main,preload,renderer,sync-relay,test}/**/*.test.ts?(x)'],
          exclude: ['**/node_modules/**', '**/*.property.test.ts', 'test/{e2e,electron}/**'],
          testTimeout: 20_000,
          // Most of the time of tests with a relay and several engines is waiting for one another.
          maxWorkers: 4,
          setupFiles: ['test/automerge-setup.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'property',
          sequence: { groupOrder: 1 },
          include: ['{core,main,renderer,sync-relay,test}/**/*.property.test.ts'],
          testTimeout: 300_000,
          setupFiles: ['test/automerge-setup.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['test/{e2e,electron}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // A condition that comes true on a quiet machine in milliseconds may take long on a busy one.
          expect: { poll: { timeout: 30_000 } },
          setupFiles: ['test/automerge-setup.ts'],
        },
      },
    ],
  },
})
