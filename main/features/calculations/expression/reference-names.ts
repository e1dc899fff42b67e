import { expressionError } from './expression-error.ts'
import { parseExpression } from './parse-expression.ts'
import { type Node, type Reference, referencesOf } from './syntax-tree.ts'
import { bracketed } from './tokens.ts'

/** A channel as an expression names it. */
export interface NamedChannel {
  id: string
  gatewayCode: string
  key: string
  name: string
  kind: string
  createdAt: number
}

/** The names of one tenant. */
export interface Names {
  channel(text: string): NamedChannel | undefined
  channelById(id: string): NamedChannel | undefined
  calculation(text: string): { id: string; name: string } | undefined
  calculationById(id: string): { id: string; name: string } | undefined
}

/**
 * Reads what a person wrote and puts ids in the place of names, so that renaming breaks nothing.
 * @throws ExpectedError `expression_invalid`
 */
export function toStored(source: string, names: Names): { stored: string; tree: Node } {
  const references = referencesOf(parseExpression(source))
  if (references.length === 0) throw expressionError('no_input', { start: 0, end: source.length })
  const stored = replaced(source, references, (reference) => {
    if (reference.kind === 'calculation') {
      const found = names.calculationById(reference.text) ?? names.calculation(reference.text)
      if (!found) throw expressionError('unknown_calculation', reference, { what: reference.text })
      return `[=${found.id}]`
    }
    const found = names.channelById(reference.text) ?? names.channel(reference.text)
    if (!found) throw expressionError('unknown_channel', reference, { what: reference.text })
    if (found.kind === 'text') throw expressionError('text_channel', reference, { what: reference.text })
    return `[${found.id}]`
  })
  return { stored, tree: parseExpression(stored) }
}

/** What is stored, with the names of now; an id where its name would mean another one, or nothing any more. */
export function toShown(stored: string, tree: Node, names: Names): string {
  return replaced(stored, referencesOf(tree), ({ kind, text: id }) => {
    if (kind === 'calculation') {
      const found = names.calculationById(id)
      return bracketed(`=${found?.name ?? id}`)
    }
    const found = names.channelById(id)
    if (!found) return bracketed(id)
    const text = `${found.gatewayCode}/${found.key}`
    return bracketed(names.channel(text)?.id === id ? text : id)
  })
}

function replaced(source: string, references: Reference[], text: (reference: Reference) => string): string {
  let result = ''
  let done = 0
  for (const reference of references.toSorted((a, b) => a.start - b.start)) {
    result += source.slice(done, reference.start) + text(reference)
    done = reference.end
  }
  return result + source.slice(done)
}

/** `GW001/temperature` by key, else by the name that people gave it; the newest of several with one key. */
export function namesOfChannels(channels: Iterable<NamedChannel>): Pick<Names, 'channel' | 'channelById'> {
  const byId = new Map<string, NamedChannel>()
  const byKey = new Map<string, NamedChannel>()
  const byName = new Map<string, NamedChannel>()
  const keepNewest = (map: Map<string, NamedChannel>, key: string, channel: NamedChannel) => {
    const known = map.get(key)
    if (!known || known.createdAt < channel.createdAt) map.set(key, channel)
  }
  for (const channel of channels) {
    byId.set(channel.id, channel)
    keepNewest(byKey, `${channel.gatewayCode}/${channel.key}`, channel)
    keepNewest(byName, `${channel.gatewayCode}/${channel.name}`, channel)
  }
  return {
    channel: (text) => byKey.get(text) ?? byName.get(text),
    channelById: (id) => byId.get(id),
  }
}
