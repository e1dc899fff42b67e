import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/**
 * Each site of a test starts workers of its own, which Node would strip of their types and compile anew each time: half of a
 * site's start. Tests, and what they start, share what was compiled once.
 */
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

/** Longer soaks and more mutations, by `npm run test:long`. */
const long = process.env['MILLWRIGHT_LONG'] === '1'
/** They ask so much of a site at once that nothing else should run beside them. */
const storms = ['tests/integration/http/sign-in-storm.test.ts']
/** On real sockets, with the waits of the protocol. */
const wholeBroker = ['broker/*.test.ts', 'broker/limits/limits.test.ts']
const besideTheCode = '{broker,bench,cloud,contract,firmware,main,preload,renderer,tools}/**'
/** Seconds each: models with random steps, boards at the speed of their line. Not for every `npm run check`. */
const slow = `${besideTheCode}/*.slow.test.ts`
const minutes = (count: number): number => count * 60_000

export default defineConfig({
  test: {
    // Each project asks for what it needs: nothing is global, nothing is shared between files.
    restoreMocks: true,
    unstubEnvs: true,
    // A test that ran no assertion, or a project that found no file, proves nothing.
    // What is waited for is there in a moment; on a busy machine the moment is longer.
    expect: { requireAssertions: true, poll: { timeout: 10_000 } },
    passWithNoTests: false,
    // Two processor cores, and the tests start workers, brokers and browsers of their own beside vitest's.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          sequence: { groupOrder: 0 },
          include: [`${besideTheCode}/*.test.{ts,tsx}`],
          exclude: [...wholeBroker, slow],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          sequence: { groupOrder: 0 },
          include: [slow],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          // They wait more than they work; browsers, of which two are enough for both cores, do not.
          maxWorkers: 3,
          include: ['tests/integration/{http,cli,cloud}/**/*.test.ts', ...wholeBroker],
          exclude: storms,
          testTimeout: minutes(5),
          hookTimeout: minutes(2),
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          sequence: { groupOrder: 2 },
          include: [
            'tests/integration/*.test.ts',
            'tests/integration/{durability,soak}/**/*.test.ts',
            ...storms,
          ],
          testTimeout: minutes(long ? 60 : 5),
          hookTimeout: minutes(2),
          // These kill engines, count system calls, load the disk and the processor: one file at a time.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: minutes(5),
          hookTimeout: minutes(2),
        },
      },
    ],
  },
})
