import { type Command, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { given, wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { readBounded } from '../files/read-bounded.ts'
import { addSiteOptions } from '../site-options.ts'
import { printable } from '../table.ts'

/** As the site takes it. */
const PAYLOAD_MOST = 64 * 1024

type Followed = Awaited<ReturnType<RestClient['topics']['follow']>>
type Message = (Followed extends AsyncIterable<infer T> ? T : never)['messages'][number]
type WatchFlags = SiteFlags & { tenant?: string; count?: number }
type PublishFlags = SiteFlags & { qos: '0' | '1'; retain?: boolean; file?: string; base64?: boolean }

/** `millwright topics …` */
export function addTopicsCommands(program: Command, context: CommandContext): void {
  const group = program.command('topics').summary('what is published, and to publish')

  addSiteOptions(group.command('watch').argument('[filter]', 'topic filter: mw/+/status', '#'))
    .summary('print messages as they come, until Ctrl-C; what is retained comes first')
    .option('--tenant <slug>', 'only of this tenant')
    .option('--count <messages>', 'end after so many', wholeNumber(1, 1_000_000))
    .action((filter: string, flags: WatchFlags, command: Command) =>
      context.withSite(command, ({ client }) => watch(context, client, filter, flags)),
    )

  addSiteOptions(
    group.command('publish').argument('<topic>').argument('[payload]', 'left out: nothing, or --file'),
  )
    .summary('publish to a topic that a gateway receives on, or that is of an MQTT client')
    .addOption(
      new Option('--qos <qos>', '0: to those who are connected; 1: kept for those who are away')
        .choices(['0', '1'])
        .default('1'),
    )
    .option('--retain', 'keep it for whoever subscribes later; without a payload, remove what is kept')
    .option('--file <file>', 'the payload; - for standard input')
    .option('--base64', 'the payload is given as base64')
    .action((topic: string, payload: string | undefined, flags: PublishFlags, command: Command) =>
      context.withSite(command, ({ client }) => publish(context, client, { topic, payload }, flags)),
    )
}

/** Each message is a line: with `--json` one JSON value, so that a stream can be read as it comes. */
async function watch(
  { output, interrupt }: CommandContext,
  client: RestClient,
  filter: string,
  { tenant, count = Infinity, json = false }: WatchFlags,
): Promise<void> {
  try {
    const stream = await client.topics.follow({ filter, ...given({ tenant }) }, { signal: interrupt })
    let left = count
    for await (const { messages, notShown } of stream) {
      for (const message of messages.slice(0, left))
        await output.stream(`${json ? JSON.stringify(message) : lineOf(message)}\n`)
      left -= messages.length
      if (notShown > 0) output.note(`${notShown} messages not shown: they came too fast`)
      if (left <= 0) return
    }
    throw new CliError('site_failed', 'The site ended the stream of messages')
  } catch (error) {
    // Ctrl-C is how it is meant to end.
    if (!interrupt.aborted) throw error
  }
}

function lineOf({ topic, at, retain, refusal, encoding, payload, length, qos }: Message): string {
  const time = at === null ? 'retained' : new Date(at).toISOString()
  const marks = [
    `QoS ${qos}`,
    ...(retain && at !== null ? ['retained'] : []),
    ...(refusal === null ? [] : [`refused: ${refusal}`]),
    ...(encoding === 'base64' ? ['base64'] : []),
  ]
  const cut = length > Buffer.byteLength(payload, encoding) ? ` … (${length} bytes)` : ''
  return printable(`${time}  ${topic}  [${marks.join(', ')}]  ${payload}${cut}`)
}

async function publish(
  { output }: CommandContext,
  client: RestClient,
  { topic, payload }: { topic: string; payload: string | undefined },
  { qos, retain = false, file, base64 = false, json }: PublishFlags,
): Promise<void> {
  if (file !== undefined && payload !== undefined)
    throw new CliError('usage', 'Give either a payload or --file, not both')
  const bytes = file === undefined ? null : await readBounded(file, PAYLOAD_MOST)
  const content =
    bytes === null
      ? { payload: payload ?? '', encoding: base64 ? ('base64' as const) : ('utf8' as const) }
      : base64
        ? { payload: bytes.toString().trim(), encoding: 'base64' as const }
        : { payload: bytes.toString('base64'), encoding: 'base64' as const }
  const sent = await client.topics.publish({ topic, ...content, qos: Number(qos), retain })
  if (json) return output.json(sent)
  const isCleared = retain && sent.bytes === 0
  output.line(
    isCleared
      ? `What was retained at ${printable(topic)} is removed`
      : `${sent.bytes} bytes published to ${printable(topic)}`,
  )
}
