import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup.ts'],
    pool: 'forks',
    // A bound on what hangs, not on what is slow: the tests wait for events of real servers beside each other.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
