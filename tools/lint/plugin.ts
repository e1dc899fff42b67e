import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { type Aliases, refuseImport } from './layers.ts'

/** The part of oxlint's plugin interface that this plugin uses (it is ESLint's). */
interface Node {
  readonly type: string
  readonly value?: unknown
  readonly quasis?: readonly { readonly value: { readonly cooked: string | null } }[]
}
interface Context {
  readonly filename: string
  readonly cwd: string
  report(problem: { node: Node; message: string }): void
}
type Importing = { readonly source: Node | null }

const aliases = readAliases(new URL('../../package.json', import.meta.url))

const layers = {
  meta: { type: 'problem' },
  create(context: Context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/')
    const check = ({ source }: Importing): void => {
      const specifier = source === null ? undefined : specifierOf(source)
      if (source === null || specifier === undefined) return
      const message = refuseImport(file, specifier, aliases)
      if (message !== null) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    }
  },
}

// oxlint takes a plugin as a module's default export.
// oxlint-disable-next-line import/no-default-export
export default { meta: { name: 'millwright' }, rules: { layers } }

/** The text of an import, or what stands before the first placeholder of a template. */
function specifierOf(source: Node): string | undefined {
  if (typeof source.value === 'string') return source.value
  return source.quasis?.[0]?.value.cooked ?? undefined
}

function readAliases(file: URL): Aliases {
  const { imports } = JSON.parse(readFileSync(file, 'utf8')) as { imports: Record<string, string> }
  return Object.fromEntries(
    Object.entries(imports).map(([name, target]) => [name.slice(1, -2), target.replace(/^\.\/|\/\*$/g, '')]),
  )
}
