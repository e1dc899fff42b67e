import { ExpectedError } from '#contract/errors.ts'
import { EngineHost } from '../utility/engine-host.ts'

/**
 * A utility entry for tests of the shell, with an engine that does as its arguments say: `crash-at-start`,
 * `refuse`, `hang` (never answers again once ready), `slow-stop=<ms>`, or echoes on its ports.
 */
const behaviour = process.argv[2] ?? 'echo'
const host = new EngineHost({
  parent: process.parentPort,
  create: async (start) => ({
    async start() {
      if (behaviour === 'crash-at-start') throw new Error('no luck today')
      if (behaviour === 'refuse') {
        throw new ExpectedError('data_in_use', {
          dir: start.dataDir,
          pid: 4711,
          url: 'https://127.0.0.1:8443',
        })
      }
      if (behaviour === 'hang') setTimeout(hang, 20)
      return { urls: [`https://127.0.0.1:1/${start.externalKey?.length ?? 0}`] }
    },
    async stop() {
      if (behaviour.startsWith('slow-stop=')) {
        await new Promise((resolve) => setTimeout(resolve, Number(behaviour.slice('slow-stop='.length))))
      }
    },
    attachPort(port, keeper) {
      port.on('message', ({ data }) => {
        if (data === 'die') process.exit(7)
        if (data === 'sign in') keeper.tokenChanged('a token')
        if (data === 'sign out') keeper.tokenChanged(null)
        port.postMessage({ echo: data, pid: process.pid, token: keeper.token })
      })
    },
  }),
  // Frames on their way out are flushed by disconnecting first.
  exit: (code) => {
    process.exitCode = code
    setTimeout(() => process.exit(code), 10)
  },
})
host.start()

function hang(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
