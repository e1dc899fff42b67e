import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '#cli/program.ts'
import { contract } from '#contract/contract.ts'
import { errorCodes } from '#contract/errors.ts'
import { refusalReasons } from '#contract/model/refusal.ts'
import { headings, links } from './headings.ts'

const read = (file: string): string => readFileSync(file, 'utf8')

describe('docs/troubleshooting.md', () => {
  const sections = new Map<string, string[]>()
  for (const { level, text } of headings(read('docs/troubleshooting.md'))) {
    if (level === 2) sections.set(text, [])
    else if (level === 3) [...sections.values()].at(-1)?.push(text)
  }

  test('tells of every error code, and of none that is gone', () => {
    expect(sections.get('Error codes')?.toSorted()).toEqual(Object.keys(errorCodes).toSorted())
  })

  test('tells of every reason of a refusal, and of none that is gone', () => {
    expect(sections.get('Why a gateway was refused')?.toSorted()).toEqual(refusalReasons.toSorted())
  })
})

test('docs/settings.md names every environment variable of the code, and none that is gone', () => {
  const sources = globSync(
    '{bench,broker,contract,firmware,main,preload,renderer,tests,tools}/**/*.{ts,tsx,js,mjs}',
  )
  // A property of process.env or a name in a string; a prose mention of a variable is not a use of it.
  const uses = [...sources, 'vite.config.ts', 'vitest.config.ts']
    .filter((file) => file.replaceAll('\\', '/') !== 'tools/docs/docs.test.ts')
    .flatMap((file) => [
      ...read(file).matchAll(/(?:env\.|['"])(MILLWRIGHT_[A-Z0-9_]+)|\{ (MILLWRIGHT_[A-Z0-9_]+):/g),
    ])
    .map(([, quoted, given]) => quoted ?? given ?? '')
  const documented = [...read('docs/settings.md').matchAll(/`(MILLWRIGHT_[A-Z0-9_]+)`/g)].map(
    ([, name = '']) => name,
  )
  expect([...new Set(documented)].toSorted()).toEqual([...new Set(uses)].toSorted())
})

describe('docs/cli.md', () => {
  const text = read('docs/cli.md')
  const commands = leaves(createProgram({} as Parameters<typeof createProgram>[0]))

  test.each(commands.map(([name]) => name))('tells of "millwright %s"', (name) => {
    expect(text).toContain(`millwright ${name}`)
  })

  test('names every flag', () => {
    const flags = commands.flatMap(([, command]) => command.options.map((option) => option.long ?? ''))
    expect([...new Set(flags)].filter((flag) => !text.includes(flag))).toEqual([])
  })

  test('names no flag that is gone', () => {
    const flags = new Set(commands.flatMap(([, command]) => command.options.map((option) => option.long)))
    const named = [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]*/g)].map(([flag]) => flag)
    expect([...new Set(named)].filter((flag) => !flags.has(flag))).toEqual([])
  })
})

test('docs/api.md lists every path of the contract, and none that is gone', () => {
  const listed = [...read('docs/api.md').matchAll(/^\| ([A-Z]+) +\| `([^`]+)` +\|/gm)].map(
    ([, method, path]) => `${method} ${path}`,
  )
  const procedures: unknown[] = Object.values(contract).flatMap((feature) => Object.values(feature))
  const routes = procedures.flatMap((procedure) => {
    const { method, path } = (procedure as { '~orpc': { route: { method?: string; path?: string } } })[
      '~orpc'
    ].route
    return path === undefined ? [] : [`${method ?? 'POST'} ${path}`]
  })
  // Streamed outside the contract: docs/adr/0003-rpc.md.
  expect(listed.toSorted()).toEqual(
    [
      ...routes,
      'GET /telemetry/export',
      'GET /cloud/dead-letters.csv',
      'POST /telemetry/import',
      'POST /gateways/import',
      'GET /jobs/{jobId}/file',
      'POST /bench/files',
      'GET /bench/jobs/{jobId}/file',
      'GET /bench/jobs/{jobId}/log',
      'GET /bench/runs/{runId}/results.csv',
      'GET /bench/runs/{runId}/results.pdf',
      'GET /bench/runs/{runId}/labels',
      'POST /firmware/bundles',
      'GET /firmware/bundles/{bundleId}/zip',
    ].toSorted(),
  )
})

describe('links', () => {
  const files = globSync([
    '*.md',
    'docs/**/*.md',
    '{bench,broker,contract,firmware,main,preload,renderer,tests,tools}/**/README.md',
  ])

  test.each(files)('%s leads to what is there', (file) => {
    const dead = links(read(file)).filter((target) => !/^[a-z]+:/.test(target) && !leads(file, target))
    expect(dead).toEqual([])
  })
})

function leads(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? from : relative('.', join(dirname(from), path))
  if (!existsSync(file)) return false
  return anchor === undefined || headings(read(file)).some((heading) => heading.anchor === anchor)
}

/** The commands that do something, with their whole name. */
function leaves(command: Command, path: string[] = []): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]]
  // A command that has others below it may do something itself too: `simulate`, and `simulate boards`.
  const itself: [string, Command][] =
    path.length > 0 && command.options.length > 0 ? [[path.join(' '), command]] : []
  return [...itself, ...command.commands.flatMap((child) => leaves(child, [...path, child.name()]))]
}
