import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { completeLock, type LockPackages, missingEntries, platformOf } from './complete-lock.ts'

const packages: LockPackages = {
  '': {},
  'node_modules/linter': {
    version: '1.2.3',
    dev: true,
    optionalDependencies: {
      '@linter/binding-linux-x64-musl': '1.2.3',
      '@linter/binding-darwin-arm64': '1.2.3',
    },
  },
  'node_modules/linter/node_modules/@linter/binding-darwin-arm64': { version: '1.2.3' },
}

test('the lock of this repository misses no platform, so that npm ci accepts it everywhere', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: LockPackages }
  expect(missingEntries(lock.packages)).toEqual([])
})

test('finds what is named and neither beside nor below the one that names it', () => {
  expect(missingEntries(packages)).toEqual([
    { name: '@linter/binding-linux-x64-musl', version: '1.2.3', wantedBy: 'node_modules/linter' },
  ])
})

test('adds an entry that is installed only on its platform', () => {
  const completed = completeLock(packages)
  expect(missingEntries(completed)).toEqual([])
  expect(completed['node_modules/@linter/binding-linux-x64-musl']).toEqual({
    version: '1.2.3',
    cpu: ['x64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  })
  expect(Object.keys(completed)[0]).toBe('')
})

test('a release with a suffix is an exact version', () => {
  const suffixed: LockPackages = {
    'node_modules/a': { optionalDependencies: { 'a-linux-x64': '1.5.6-r.1' } },
  }
  expect(completeLock(suffixed)['node_modules/a-linux-x64']?.version).toBe('1.5.6-r.1')
})

test('refuses to guess a version', () => {
  const ranged: LockPackages = { 'node_modules/a': { optionalDependencies: { 'a-linux-x64': '^1.0.0' } } }
  expect(() => completeLock(ranged)).toThrow('not an exact version')
})

test.each([
  ['@biomejs/cli-win32-arm64', { os: ['win32'], cpu: ['arm64'] }],
  ['@oxlint/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['@oxlint/binding-android-arm-eabi', { os: ['android'], cpu: ['arm'] }],
  ['@oxlint/binding-win32-ia32-msvc', { os: ['win32'], cpu: ['ia32'] }],
  ['@oxlint-tsgolint/darwin-x64', { os: ['darwin'], cpu: ['x64'] }],
])('%s names its platform', (name, platform) => {
  expect(platformOf(name)).toEqual(platform)
})

test('refuses to guess a platform', () => {
  expect(() => platformOf('left-pad')).toThrow('does not name its platform')
})
