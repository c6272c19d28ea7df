import { defineConfig } from 'vitest/config';

import { skippedReporter } from './test/support/skipped-reporter.ts';
import { slowReporter } from './test/support/slow-reporter.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/support/electron-setup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A live RSTUF is one for all tests that are aimed at it, and some of them make it fail.
    fileParallelism: process.env['RSTUF_API_URL'] === undefined,
    pool: 'forks',
    // A test file carries it as `// @module-tag slow` in its first line.
    tags: [{ name: 'slow', description: 'left out by `npm run test:quick`' }],
    reporters: ['default', skippedReporter, slowReporter],
  },
});
