import { defineConfig } from 'vitest/config';

const setupFiles = ['test/testkit/fixed-seed.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          // Properties run thousands of cases; a busy machine with two cores takes its time.
          testTimeout: 30_000,
          include: [
            'src/**/*.test.ts',
            'test/{arch,testkit}/**/*.test.ts',
            'testbed/**/*.test.ts',
            'ui/src/**/*.test.ts',
          ],
        },
      },
      // Real processes on real ports: one file at a time, so that they don't starve each other on two cores.
      {
        test: {
          name: 'e2e',
          setupFiles,
          include: ['test/{e2e,differential}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
      // Real API servers, and real nodes, of which a machine can have one at a time.
      {
        test: {
          name: 'cluster',
          setupFiles,
          include: ['test/cluster/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
