#!/usr/bin/env -S node --max-semi-space-size=4
// The `millwright` command of a checkout. Plain JavaScript, for any Node may start it: the first import hands over
// to Node 24 where this one is too old, or says which one is needed. The flag keeps V8's young generation small: a site
// with 2,000 connections then takes 70 MB less.
import '../node24/use-node24.mjs'
import { existsSync, realpathSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What V8 compiled is kept in the system's temporary folder: the next start reads it there.
enableCompileCache()
const built = new URL('../../dist/main/cli/main.js', import.meta.url)
if (existsSync(built)) {
  // The command line runs itself when it is the script that was started: so it is made that.
  process.argv[1] = realpathSync(fileURLToPath(built))
  await import(built.href)
} else {
  console.error('Millwright is not built yet: run "npm run build" in its folder first')
  process.exitCode = 1
}
