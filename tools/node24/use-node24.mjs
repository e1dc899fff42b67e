// Loaded before every script of package.json (`node --import`), by whatever Node the machine has: so this is plain
// JavaScript of an old kind. A Node that cannot run TypeScript hands over to the Node 24 that `npm ci` brought along.
//
// npm puts that Node first on the PATH of its scripts by itself, as node_modules/.bin/node, but npm 10 deletes the
// link again when it skips the packages of the other platforms, which have the same command. Hence the search here.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
// 22.18 is the first that runs TypeScript without a flag.
if (major < 22 || (major === 22 && minor < 18)) {
  const node = bundledNode()
  if (node === null) {
    console.error(
      `Millwright's scripts need Node 24 (22.18 at least); this is ${process.versions.node}.\n` +
        'On Linux and Windows "npm ci" brings it along; elsewhere install the version named in .node-version.',
    )
    process.exit(1)
  }
  process.exit(await runWith(node))
}

function bundledNode() {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const program = process.platform === 'win32' ? 'node.exe' : 'node'
  const file = fileURLToPath(
    new URL(`../../node_modules/node-${system}-${process.arch}/bin/${program}`, import.meta.url),
  )
  return existsSync(file) ? file : null
}

/** Runs this same command with another Node, passes signals on, and resolves with its exit code. */
function runWith(node) {
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${node} does not start: ${error.message}`)
      resolve(1)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}
