import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { type DialectDefinition, DialectDefinitionSchema } from '#contract/model/dialect.ts'
import { dialectProblemText } from '#contract/model/dialect-problem-text.ts'
import { CliError, causeOf } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { addSiteOptions } from '../site-options.ts'

type Tested = Awaited<ReturnType<RestClient['dialects']['test']>>

/** `millwright dialects …` */
export function addDialectsCommands(program: Command, context: CommandContext): void {
  const group = program.command('dialects').summary('topic layouts and payloads that gateways speak')

  addSiteOptions(group.command('list'))
    .summary('the built-in ones and own ones')
    .action((flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { dialects } = await client.dialects.list()
        if (flags.json) return context.output.json({ dialects })
        context.output.table(
          ['NAME', 'TITLE', 'KIND', 'GATEWAYS', 'PROFILES', 'CHANGED'],
          dialects.map(({ definition, builtIn, gateways, profiles, updatedAt }) => [
            definition.name,
            definition.title,
            builtIn ? 'built in' : 'own',
            gateways,
            profiles,
            updatedAt ?? '-',
          ]),
        )
      }),
    )

  addSiteOptions(group.command('show').argument('<name>', 'its name'))
    .summary('a dialect as JSON, as `save` takes it')
    .action((name: string, _flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        context.output.json((await client.dialects.show({ name })).definition)
      }),
    )

  addSiteOptions(group.command('save').argument('<file>', 'JSON'))
    .summary('make an own dialect, or change it')
    .action((file: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const definition = await readDefinition(file)
        const { dialects } = await client.dialects.list()
        const known = dialects.find((dialect) => dialect.definition.name === definition.name)
        const saved = await client.dialects.save({ ...definition, version: known?.version ?? null })
        if (flags.json) context.output.json(saved)
        else context.output.line(`${definition.name} is saved, version ${saved.version}`)
      }),
    )

  addSiteOptions(group.command('remove').argument('<name>', 'its name'))
    .summary('remove an own dialect that nothing speaks')
    .action((name: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const removed = await client.dialects.remove({ name })
        if (flags.json) context.output.json(removed)
        else context.output.line(`${name} is removed`)
      }),
    )

  addSiteOptions(group.command('test').argument('<file>', 'JSON').argument('[message...]', 'TOPIC=PAYLOAD'))
    .summary('what is wrong with a dialect, and what the broker would do with messages; nothing is kept')
    .option('--as <gateway>', 'plays this gateway: code or id')
    .action((file: string, messages: string[], flags: SiteFlags & { as?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const tested = await client.dialects.test({
          definition: await readDefinition(file),
          ...(flags.as !== undefined && { as: { gateway: flags.as } }),
          messages: messages.map(readMessage),
        })
        if (flags.json) context.output.json(tested)
        else tell(context, tested, messages)
        const isRight =
          tested.problems.length === 0 && tested.results.every(({ verdict }) => taken.has(verdict))
        if (!isRight) context.exitCode = ExitCode.failed
      }),
    )
}

const taken = new Set(['readings', 'message'])

function tell(
  context: CommandContext,
  { problems, rights, results, clientId }: Tested,
  messages: string[],
): void {
  for (const problem of problems) context.output.line(dialectProblemText(problem))
  context.output.facts([['client id', clientId]])
  context.output.table(
    ['MAY', 'TOPIC', 'FOR'],
    rights.map(({ direction, kind, topic, will }) => [
      direction === 'to_site' ? 'publish' : 'subscribe',
      topic,
      will ? `${kind}, last will` : kind,
    ]),
  )
  if (results.length === 0) return
  context.output.table(
    ['MESSAGE', 'VERDICT'],
    results.map((result, index) => [messages[index] ?? '', verdictOf(result)]),
  )
}

function verdictOf(result: Tested['results'][number]): string {
  switch (result.verdict) {
    case 'readings':
      return result.readings.length === 0
        ? 'taken, no value in it'
        : result.readings.map(({ channel, value, unit }) => `${channel} = ${value}${unit ?? ''}`).join(', ')
    case 'refused':
      return `refused, ${result.reason}: ${result.detail}`
    case 'message':
      return `taken as ${result.kind}`
    case 'to_gateway':
      return `denied: ${result.kind} go to the gateway, not from it`
    case 'denied':
      return 'denied: no topic of this gateway'
  }
}

/** @throws CliError */
async function readDefinition(file: string): Promise<DialectDefinition> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError('file_not_readable', `${file} cannot be read: ${causeOf(error)}`, { file })
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new CliError('usage', `${file} is not JSON: ${causeOf(error)}`)
  }
  const parsed = DialectDefinitionSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new CliError('usage', `${file}: ${issue?.path.join('.') || 'it'}: ${issue?.message}`)
}

/** @throws CliError */
function readMessage(text: string): { topic: string; payload: string } {
  const at = text.indexOf('=')
  if (at < 1) throw new CliError('usage', `Write a message as TOPIC=PAYLOAD, not "${text}"`)
  return { topic: text.slice(0, at), payload: text.slice(at + 1) }
}
