import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { completeLock, type LockPackages, missingEntries } from './complete-lock.ts'

// Run after `npm install` against a registry that lacks some platforms: node tools/lock/main.ts
const file = 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: LockPackages }
const missing = missingEntries(lock.packages)
if (missing.length > 0) {
  writeFileSync(
    `${file}.tmp`,
    `${JSON.stringify({ ...lock, packages: completeLock(lock.packages) }, null, 2)}\n`,
  )
  renameSync(`${file}.tmp`, file)
}
console.log(`${file}: ${missing.length} platform packages added`)
