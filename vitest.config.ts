import { defineConfig } from 'vitest/config';

// Five suites: `unit` (rooms, in process), `smoke` (one good and one bad release, real processes), `strict` (the proxy against
// thousands of drawn inputs, and other servers' reading of them), `e2e` (every scenario) and
// `cluster` (the same scenarios against a real control plane). `npm test` runs the first two.
export default defineConfig({
  test: {
    // Concurrent tests wait for real intervals, not for a processor.
    maxConcurrency: 12,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/istio/slow/**', 'test/kubernetes/**', 'test/smoke/**', 'test/strict/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Most of the time is waited for, so that as many files as there are processors do not get in each other's way.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'smoke',
          include: ['test/smoke/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'strict',
          include: ['test/strict/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/istio/slow/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          // Every scenario is a service under traffic.
          maxConcurrency: 5,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/kubernetes/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          maxConcurrency: 5,
        },
      },
    ],
  },
});
