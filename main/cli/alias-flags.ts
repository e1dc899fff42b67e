import { type AliasKind, aliasKinds } from '#contract/model/gateway.ts'
import { CliError } from './cli-error.ts'

export const aliasHelp = `another name of it in its dialect, once for each: ${aliasKinds.join(', ')}`

/** `--alias topic=8f88… --alias username=pump-7`. @throws CliError `usage` */
export function readAliases(given: readonly string[] = []): Partial<Record<AliasKind, string>> {
  const aliases: Partial<Record<AliasKind, string>> = {}
  for (const text of given) {
    const [kind, value] = parts(text)
    if (value === '') throw new CliError('usage', `--alias ${kind}: write a name after the "="`)
    aliases[kind] = value
  }
  return aliases
}

/** The same for one that is there: an empty value clears it. */
export function readAliasChanges(given: readonly string[] = []): Partial<Record<AliasKind, string | null>> {
  return Object.fromEntries(given.map(parts).map(([kind, value]) => [kind, value === '' ? null : value]))
}

function parts(text: string): [AliasKind, string] {
  const at = text.indexOf('=')
  const kind = text.slice(0, at).replaceAll('-', '_')
  const known: readonly string[] = aliasKinds
  if (at === -1 || !known.includes(kind))
    throw new CliError('usage', `--alias: write KIND=NAME, with one of ${aliasKinds.join(', ')}`)
  return [kind as AliasKind, text.slice(at + 1)]
}
