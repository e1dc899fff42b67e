import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createServer } from 'vite'

/**
 * `npm run dev`: the engine from its sources, started anew when they change, and the UI from Vite with hot reload.
 * Its data lies in the checkout, apart from any real site.
 */
const root = resolve(import.meta.dirname, '../..')
const dataDir = process.env['MILLWRIGHT_DATA'] ?? join(root, '.cache/dev-site')
mkdirSync(dataDir, { recursive: true, mode: 0o700 })

const engine = spawn(
  process.execPath,
  [
    '--watch',
    '--watch-preserve-output',
    join(root, 'main/cli/main.ts'),
    'serve',
    '--data',
    dataDir,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
const server = await createServer({ configFile: join(root, 'vite.config.ts') })
await server.listen()
server.printUrls()

engine.on('exit', (code) => void stop(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => engine.kill('SIGTERM'))
}

async function stop(code: number): Promise<void> {
  await server.close()
  process.exitCode = code
}
