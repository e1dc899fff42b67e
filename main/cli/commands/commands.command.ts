import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { COMMAND_LIFE, isOpen } from '#contract/model/command.ts'
import { given, wholeNumber } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

type Sent = Awaited<ReturnType<RestClient['commands']['show']>>

interface SendFlags extends SiteFlags {
  tenant?: string
  args?: Record<string, unknown>
  expiresIn?: number
  idempotencyKey?: string
  wait?: boolean
}

/** ms between two looks. */
const LOOKS_EVERY = 300

/** `millwright commands …` */
export function addCommandsCommands(program: Command, context: CommandContext): void {
  const { output } = context
  const group = program.command('commands').summary('requests to gateways, with their results')

  addTenantOption(
    addSiteOptions(
      group.command('send').argument('<gateway>', 'code or id').argument('<name>', 'what the firmware knows'),
    ),
  )
    .summary('send a command to a gateway')
    .description('Sends a command. It waits until the gateway listens, and is not sent after it expired.')
    .option('--args <json>', 'a JSON object, as the firmware wants it', readObject)
    .option(
      '--expires-in <seconds>',
      'how long it may wait; 300 where left out',
      wholeNumber(COMMAND_LIFE.least, COMMAND_LIFE.most),
    )
    .option('--wait', 'wait for the answer of the gateway; exit code 1 where it is not a good one')
    .option('--idempotency-key <key>', 'the same key and input are sent once')
    .action((gateway: string, name: string, flags: SendFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const input = given({ tenant: flags.tenant, args: flags.args, expiresIn: flags.expiresIn })
        const options = { context: { idempotencyKey: flags.idempotencyKey ?? randomUUID() } }
        let sent: Sent = await client.commands.send({ gateway, name, ...input }, options)
        if (flags.wait === true) sent = await answerTo(context, client, sent)
        if (flags.json) output.json(sent)
        else show(context, sent)
        if (flags.wait === true && sent.state !== 'acknowledged' && sent.state !== 'sent')
          context.exitCode = ExitCode.failed
      }),
    )

  addTenantOption(addSiteOptions(group.command('list').argument('<gateway>', 'code or id')))
    .summary('commands of a gateway, newest first')
    .option('--limit <count>', '100 where left out', wholeNumber(1, 500))
    .action((gateway: string, flags: SiteFlags & { tenant?: string; limit?: number }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const page = await client.commands.list({
          gateway,
          ...given({ tenant: flags.tenant, limit: flags.limit }),
        })
        if (flags.json) output.json(page)
        else if (page.commands.length === 0) output.note(`No commands of ${gateway}.`)
        else
          output.table(
            ['ID', 'NAME', 'STATE', 'CREATED', 'EXPIRES', 'BY'],
            page.commands.map((one) => [
              one.id,
              one.name,
              one.state,
              one.createdAt,
              one.expiresAt,
              one.createdBy,
            ]),
          )
      }),
    )

  addSiteOptions(group.command('show').argument('<id>', 'of a command'))
    .summary('one command, with its result')
    .action((commandId: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const found = await client.commands.show({ commandId })
        if (flags.json) output.json(found)
        else show(context, found)
      }),
    )

  addSiteOptions(group.command('cancel').argument('<id>', 'of a command'))
    .summary('take back a command that was not sent yet')
    .action((commandId: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const cancelled = await client.commands.cancel({ commandId })
        if (flags.json) output.json(cancelled)
        else output.line(`${cancelled.name} is ${cancelled.state}`)
      }),
    )
}

/** It expires at the latest, so this ends. Ctrl-C takes back one that was not sent yet. */
async function answerTo({ interrupt }: CommandContext, client: RestClient, sent: Sent): Promise<Sent> {
  let now = sent
  while (isOpen(now)) {
    if (interrupt.aborted) {
      await client.commands.cancel({ commandId: sent.id }).catch(() => {})
      interrupt.throwIfAborted()
    }
    await sleep(LOOKS_EVERY)
    now = await client.commands.show({ commandId: sent.id })
  }
  return now
}

function show({ output }: CommandContext, command: Sent): void {
  output.facts([
    ['id', command.id],
    ['command', command.name],
    ['state', command.state],
    ['arguments', JSON.stringify(command.args)],
    ['created', `${command.createdAt} by ${command.createdBy}`],
    ['sent', command.sentAt],
    ['ended', command.endedAt],
    ['expires', isOpen(command) ? command.expiresAt : null],
    ['result', command.result === null ? null : JSON.stringify(command.result)],
    ['error', command.error],
  ])
}

function readObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
  } catch {
    throw new InvalidArgumentError('write a JSON object: {"name": 1}.')
  }
  throw new InvalidArgumentError('write a JSON object: {"name": 1}.')
}
