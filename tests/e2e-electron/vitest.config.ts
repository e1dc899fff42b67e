import { defineConfig } from 'vitest/config'

/**
 * Tests of the desktop host in real Electron: `npm run test:electron`. They need the Electron binary and a display
 * (Linux: `xvfb-run`), so the release workflow runs them, and `npm test` does not.
 */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    expect: { requireAssertions: true },
  },
})
