import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { electronBinary, fetchElectron } from './electron-binary.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

test('finds the binary that is there, and only of the right version', () => {
  const packageDir = electronPackage('')
  expect(electronBinary(packageDir)).toBeNull()
  putBinary(packageDir, '45.4.1')
  expect(electronBinary(packageDir)).toBe(join(packageDir, 'dist', 'electron'))
  putBinary(packageDir, '44.0.0')
  expect(electronBinary(packageDir)).toBeNull()
})

test('fetches with the package’s own script, and shows how much has arrived', async () => {
  const packageDir = electronPackage(`
    const { mkdirSync, writeFileSync } = require('node:fs')
    const { join } = require('node:path')
    writeFileSync(join(process.env.TMPDIR, 'part'), Buffer.alloc(3_000_000))
    setTimeout(() => {
      mkdirSync(join(__dirname, 'dist'))
      writeFileSync(join(__dirname, 'dist', 'electron'), '')
      writeFileSync(join(__dirname, 'dist', 'version'), 'v45.4.1')
      writeFileSync(join(__dirname, 'path.txt'), 'electron')
    }, 150)`)
  const lines: string[] = []
  const binary = await fetchElectron({
    packageDir,
    timeLimit: 5_000,
    print: (line) => lines.push(line),
    progressEvery: 20,
  })
  expect(binary).toEqual({ path: join(packageDir, 'dist', 'electron') })
  expect(lines[0]).toContain('45.4.1')
  expect(lines).toContain('  3 MB')
})

test('says why it could not be fetched', async () => {
  const packageDir = electronPackage(
    `console.error('TypeError: fetch failed\\n cause: Error: getaddrinfo ENOTFOUND a.example'); process.exit(1)`,
  )
  expect(await fetchElectron({ packageDir, timeLimit: 5_000, print: () => undefined })).toEqual({
    failure: 'it could not be fetched (ENOTFOUND)',
  })
})

test('gives up after the time limit', async () => {
  const packageDir = electronPackage('setInterval(() => {}, 1000)')
  expect(await fetchElectron({ packageDir, timeLimit: 100, print: () => undefined })).toEqual({
    failure: 'it did not arrive within 0.1 s',
  })
})

test('says when the package is not installed', async () => {
  const failure = await fetchElectron({ packageDir: '/nowhere', timeLimit: 100, print: () => undefined })
  expect(failure).toEqual({ failure: 'the electron package is not installed' })
})

function electronPackage(install: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'electron-package-'))
  folders.push(folder)
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ version: '45.4.1', bin: { 'install-electron': 'install.js' } }),
  )
  writeFileSync(join(folder, 'install.js'), install)
  return folder
}

function putBinary(packageDir: string, version: string): void {
  mkdirSync(join(packageDir, 'dist'), { recursive: true })
  writeFileSync(join(packageDir, 'dist', 'electron'), '')
  writeFileSync(join(packageDir, 'dist', 'version'), version)
  writeFileSync(join(packageDir, 'path.txt'), 'electron')
}
