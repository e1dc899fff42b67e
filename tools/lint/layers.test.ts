import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { capture, toolFile } from '#tools/check/tool.ts'

/** Each file and its one import, and what the real oxlint with the real configuration must say of it. */
const refused: [file: string, statement: string, says: RegExp][] = [
  ['contract/a.ts', `import '#platform/db/schema.ts'`, /contract may not import main\/platform/],
  ['contract/b.ts', `import '../broker/port.ts'`, /contract may not import broker/],
  ['contract/c.ts', `import 'node:fs'`, /runs without Node/],
  ['contract/d.ts', `import '@orpc/server'`, /contract may not import @orpc\/server/],
  ['contract/e.ts', `import '#nowhere/a.ts'`, /not one of the "imports"/],
  ['renderer/a.ts', `import '#features/fleet/index.ts'`, /renderer may not import main\/features/],
  ['renderer/b.ts', `import type { BrokerPort } from '#broker/port.ts'`, /renderer may not import broker/],
  [
    'renderer/c.ts',
    `export type D = import('#engine/create-engine.ts').Engine`,
    /renderer may not import main\/engine/,
  ],
  ['renderer/d.ts', `import 'electron'`, /electron is imported only in/],
  ['renderer/e.ts', `import 'fastify'`, /fastify is imported only in/],
  ['renderer/f.ts', `import 'node:path'`, /runs without Node/],
  ['renderer/screens/fleet/g.ts', `import '../../api/client.ts'`, /instead of \.\.\/\.\.\//],
  ['preload/a.ts', `import '#renderer/api/client.ts'`, /preload may not import renderer/],
  ['broker/a.ts', `import '#platform/historian/historian.ts'`, /broker may not import main\/platform/],
  ['broker/b.ts', `export { c } from '#features/fleet/index.ts'`, /broker may not import main\/features/],
  [
    'broker/c.ts',
    `export const d = import('#engine/create-engine.ts')`,
    /broker may not import main\/engine/,
  ],
  ['broker/d.ts', `import 'electron'`, /electron is imported only in/],
  ['main/platform/a.ts', `import '#features/pki/index.ts'`, /main\/platform may not import main\/features/],
  ['main/platform/b.ts', `import '../engine/create-engine.ts'`, /main\/platform may not import main\/engine/],
  ['main/platform/c.ts', `import 'aedes'`, /aedes is imported only in/],
  ['main/features/pki/a.ts', `import '#features/fleet/fleet.service.ts'`, /only through its index\.ts/],
  ['main/features/pki/b.ts', `import '../fleet/fleet.service.ts'`, /only through its index\.ts/],
  ['main/features/pki/c.ts', `import '#broker/port.ts'`, /main\/features may not import broker/],
  ['main/features/pki/d.ts', `import '#http/server.ts'`, /main\/features may not import main\/http/],
  [
    'main/features/pki/e.ts',
    `export * from '#engine/create-engine.ts'`,
    /main\/features may not import main\/engine/,
  ],
  ['main/features/pki/f.ts', `import 'vitest'`, /for tests only/],
  ['main/features/pki/k.ts', `import './testing/openssl.ts'`, /for tests only/],
  ['main/http/a.ts', `import '#broker/port.ts'`, /main\/http may not import broker/],
  ['main/http/b.ts', `import '#features/fleet/fleet.service.ts'`, /only through its index\.ts/],
  ['main/http/c.ts', `import '#engine/create-engine.ts'`, /main\/http may not import main\/engine/],
  ['main/engine/a.ts', `import '#site/main.ts'`, /main\/engine may not import main\/site/],
  ['main/engine/b.ts', `import '#cli/main.ts'`, /main\/engine may not import main\/cli/],
  [
    'main/engine/c.ts',
    `import '#desktop/utility/main.ts'`,
    /main\/engine may not import main\/desktop\/utility/,
  ],
  ['main/engine/d.ts', `import 'electron'`, /electron is imported only in/],
  ['main/site/a.ts', `import '#features/fleet/index.ts'`, /main\/site may not import main\/features/],
  ['main/cli/a.ts', `import '#features/fleet/index.ts'`, /main\/cli may not import main\/features/],
  ['main/client/a.ts', `import '#engine/create-engine.ts'`, /main\/client may not import main\/engine/],
  ['main/simulator/a.ts', `import '#cli/main.ts'`, /main\/simulator may not import main\/cli/],
  ['main/cli/b.ts', `import '#desktop/shell/main.ts'`, /main\/cli may not import main\/desktop\/shell/],
  [
    'main/desktop/shell/a.ts',
    `import '#engine/create-engine.ts'`,
    /main\/desktop\/shell may not import main\/engine/,
  ],
  [
    'main/desktop/shell/b.ts',
    `import '../utility/main.ts'`,
    /main\/desktop\/shell may not import main\/desktop\/utility/,
  ],
  ['main/desktop/utility/a.ts', `import '#site/main.ts'`, /main\/desktop\/utility may not import main\/site/],
]

const allowed: [file: string, statement: string][] = [
  ['contract/f.ts', `import 'zod'`],
  ['contract/g.ts', `import './errors.ts'`],
  ['contract/api/h.ts', `import '../errors.ts'`],
  ['renderer/h.ts', `import '#contract/errors.ts'`],
  ['renderer/i.ts', `import '@mantine/core'`],
  ['renderer/j.ts', `import 'react-dom/client'`],
  ['renderer/k.test.ts', `import 'node:fs'`],
  ['preload/b.ts', `import 'electron'`],
  ['broker/e.ts', `import '#contract/errors.ts'`],
  ['broker/f.ts', `import 'aedes'`],
  ['broker/g.test.ts', `import '#tests/fixtures/certificates.ts'`],
  ['main/platform/d.ts', `import 'node:fs'`],
  ['main/features/pki/g.ts', `import '#features/fleet/index.ts'`],
  ['main/features/pki/g.test.ts', `import '../fleet/fleet-site.fixture.ts'`],
  ['main/features/pki/h.ts', `import './pki.service.ts'`],
  ['main/features/pki/i.ts', `import '#platform/db/schema.ts'`],
  ['main/features/pki/j.test.ts', `import 'vitest'`],
  ['main/features/pki/l.test.ts', `import './testing/openssl.ts'`],
  ['main/desktop/shell/d.test.ts', `import '#desktop/testing/utility-process.ts'`],
  ['main/http/d.ts', `import '#features/fleet/index.ts'`],
  ['main/http/e.ts', `import 'fastify'`],
  ['main/engine/e.ts', `import '#broker/port.ts'`],
  ['main/engine/f.ts', `import '#http/server.ts'`],
  ['main/site/b.ts', `import '#engine/create-engine.ts'`],
  ['main/cli/c.ts', `import '#site/main.ts'`],
  ['main/desktop/utility/b.ts', `import '#engine/create-engine.ts'`],
  ['main/desktop/shell/c.ts', `import 'electron'`],
  ['tests/integration/a.ts', `import '#engine/create-engine.ts'`],
]

const root = fileURLToPath(new URL('../..', import.meta.url))
let tree: string
let problems: { file: string; rule: string; message: string }[]

beforeAll(async () => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'millwright-layers-')))
  cpSync(join(root, 'package.json'), join(tree, 'package.json'))
  for (const [file, statement] of [...refused, ...allowed]) write(file, `${statement}\n`)
  write('main/platform/round/a.ts', `import { b } from './b.ts'\nexport const a = (): unknown => b\n`)
  write(
    'main/platform/round/b.ts',
    `import { a } from '#platform/round/a.ts'\nexport const b = (): unknown => a\n`,
  )
  write('main/platform/exports/a.ts', 'export default 1\n')
  problems = await lint()
})

afterAll(() => rmSync(tree, { recursive: true, force: true }))

describe('layers', () => {
  test.each(refused)('%s: %s is refused', (file, _statement, says) => {
    expect(layerProblems(file)).toEqual([expect.stringMatching(says)])
  })

  test.each(allowed)('%s: %s is allowed', (file) => {
    expect(layerProblems(file)).toEqual([])
  })

  test('a cycle is refused, through "imports" too', () => {
    const files = problems.filter(({ rule }) => rule === 'import(no-cycle)').map(({ file }) => file)
    expect(files).toEqual(expect.arrayContaining(['main/platform/round/a.ts', 'main/platform/round/b.ts']))
  })

  test('a default export is refused', () => {
    const files = problems.filter(({ rule }) => rule === 'import(no-default-export)').map(({ file }) => file)
    expect(files).toEqual(['main/platform/exports/a.ts'])
  })
})

function layerProblems(file: string): string[] {
  return problems
    .filter((problem) => problem.file === file && problem.rule === 'millwright(layers)')
    .map(({ message }) => message)
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true })
  writeFileSync(join(tree, file), text)
}

/** The real oxlint, in the copied tree, with the repository's own configuration. */
async function lint(): Promise<typeof problems> {
  const { output } = await capture(
    process.execPath,
    [toolFile('oxlint'), '-c', join(root, '.oxlintrc.json'), '-f', 'json', tree],
    tree,
  )
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { filename: string; code: string; message: string }[]
  }
  return diagnostics.map(({ filename, code, message }) => ({
    file: filename.replaceAll('\\', '/'),
    rule: code,
    message,
  }))
}
