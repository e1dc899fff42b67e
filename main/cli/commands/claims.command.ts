import { type Command, InvalidArgumentError, Option } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { CLAIM_WINDOW_MOST } from '#contract/api/claims.ts'
import { ExpectedError } from '#contract/errors.ts'
import { credentialKinds } from '#contract/model/gateway.ts'
import { given, wholeNumber } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { gatewayFacts } from '../gateway-lines.ts'
import { waitForJob } from '../jobs/wait-for-job.ts'
import { addSiteOptions } from '../site-options.ts'

type Listed = Awaited<ReturnType<RestClient['claims']['list']>>
type Box = Listed['knocks'][number]
type Accept = Parameters<RestClient['claims']['accept']>[0]

interface BecomesFlags extends SiteFlags {
  tenant?: string
  group?: string
  profile?: string
  dialect?: string
  credential?: (typeof credentialKinds)[number]
  replace?: boolean
}

const states = ['waiting', 'claimed', 'delivered', 'dismissed'] as const
const header = ['BOX', 'MAC', 'MANUFACTURER', 'CHIP', 'FIRMWARE', 'FROM', 'KNOCKS', 'LAST', 'STATE', 'NOTES']

/** `millwright claims …` */
export function addClaimsCommands(program: Command, context: CommandContext): void {
  const { output } = context
  const group = program.command('claims').summary('boxes that ask to be enrolled, and claiming them')

  addSiteOptions(group.command('list'))
    .summary('boxes that knock, newest first')
    .addOption(new Option('--state <state>', 'only these').choices(states).default('waiting'))
    .option('--tenant <slug>', 'of claimed ones, only of this tenant')
    .option('--search <text>', 'only where MAC, label, chip, firmware or address holds this')
    .action(
      (flags: SiteFlags & { state: Box['state']; tenant?: string; search?: string }, command: Command) =>
        context.withSite(command, async ({ client }) => {
          const { state, tenant, search } = flags
          const knocks = await listAll(client, { state, ...given({ tenant, search }) })
          if (flags.json) return output.json({ knocks })
          if (knocks.length > 0) return output.table(header, knocks.map(toRow))
          output.note(
            'No boxes. People of a tenant see them while a claim window is open: millwright claims window open',
          )
        }),
    )

  const windows = group.command('window').summary('for how long people of a tenant see and claim boxes')
  addSiteOptions(windows.command('open'))
    .summary('open it, or change when it ends')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--minutes <minutes>', 'from now on', wholeNumber(1, CLAIM_WINDOW_MOST), 30)
    .action((flags: SiteFlags & { tenant?: string; minutes: number }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { tenant, minutes } = flags
        const opened = await client.claims.openWindow({ minutes, ...given({ tenant }) })
        if (flags.json) output.json(opened)
        else output.line(`The claim window of ${opened.tenant.name} is open until ${opened.endsAt}`)
      }),
    )
  addSiteOptions(windows.command('close'))
    .summary('close it now')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .action((flags: SiteFlags & { tenant?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const closed = await client.claims.closeWindow(given({ tenant: flags.tenant }))
        if (flags.json) output.json(closed)
        else output.line('The claim window is closed')
      }),
    )

  addBecomes(addSiteOptions(group.command('accept').argument('<box>', 'token, label, MAC, device id or id')))
    .summary('claim one box')
    .option('--code <code>', 'short name, unique in the tenant; its label where left out')
    .option('--name <name>', 'what people call it: "Boiler room"')
    .action((box: string, flags: BecomesFlags & { code?: string; name?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { code, name } = flags
        const gateway = await client.claims.accept({
          ...named(box),
          ...becomes(flags),
          ...given({ code, name }),
        })
        if (flags.json) output.json(gateway)
        else output.facts(await gatewayFacts(client, gateway))
      }),
    )

  addBecomes(addSiteOptions(group.command('accept-all')))
    .summary('claim all boxes that wait, as a job')
    .description('Claims all boxes that wait. Those that share a name are left out: a person has to choose.')
    .option('--code <pattern>', 'GW{n} or GW{n:03}: counts from the next free number', pattern, 'GW{n:03}')
    .option('--no-wait', 'do not wait for the end of the job')
    .action((flags: BecomesFlags & { code: string; wait: boolean }, command: Command) =>
      context.withSite(command, async (site) => {
        const started = await site.client.claims.acceptMany({ ...becomes(flags), code: flags.code })
        const { log: _, ...job } = await site.client.jobs.get({ jobId: started.jobId })
        const ended = flags.wait ? await waitForJob(context, site, job) : job
        if (flags.json) return output.json(ended)
        if (!flags.wait) return output.line(`${started.boxes} boxes: millwright jobs show ${started.jobId}`)
        const { boxes, claimed, failed } = ended.result ?? {}
        output.line(`${Number(claimed)} of ${Number(boxes)} boxes are claimed, ${Number(failed)} are not`)
        if (Number(failed) === 0) return undefined
        context.exitCode = ExitCode.failed
        output.note(`Why: millwright jobs download ${ended.id}`)
      }),
    )

  addSiteOptions(
    group.command('dismiss').argument('<id>', 'as "claims list --json" gives it, or its MAC or label'),
  )
    .summary('take a box off the list; it may knock again after a day')
    .action((box: string, flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const dismissed = await client.claims.dismiss({ knock: await idOf(client, box) })
        if (flags.json) output.json(dismissed)
        else output.line(`${box} is off the list`)
      }),
    )
}

function addBecomes(command: Command): Command {
  return command
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--group <group>', 'id, or path: "Plant 1/Line 2"')
    .option('--profile <profile>', 'name or id of a gateway profile')
    .option('--dialect <name>', 'topics and payloads it speaks')
    .addOption(new Option('--credential <kind>', 'what it asks for where left out').choices(credentialKinds))
    .option('--replace', 'also boxes that are gateways of the tenant: what they have ends (factory reset)')
}

function becomes({ tenant, group, profile, dialect, credential, replace }: BecomesFlags) {
  return given({ tenant, group, profile, dialect, credential, replace })
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** By which of its names a box is meant: a token says so itself, an id of the list is a UUID of version 7. */
function named(box: string): Pick<Accept, 'knock' | 'token' | 'label'> {
  if (box.startsWith('mwa_')) return { token: box }
  return ID.test(box) ? { knock: box } : { label: box }
}

function pattern(text: string): string {
  if (/^[A-Za-z0-9._-]*\{n(:0?[1-9])?\}[A-Za-z0-9._-]*$/.test(text)) return text
  throw new InvalidArgumentError('use a pattern such as GW{n:03}')
}

async function idOf(client: RestClient, box: string): Promise<string> {
  if (ID.test(box)) return box
  const wanted = box.toLowerCase()
  const found = (await listAll(client, { state: 'waiting', search: box })).filter(
    ({ mac, label, deviceId }) => [mac, label, deviceId].some((name) => name?.toLowerCase() === wanted),
  )
  if (found.length === 1 && found[0]) return found[0].id
  if (found.length === 0) throw new ExpectedError('not_found', { what: 'box that knocks as', id: box })
  throw new ExpectedError('claim_ambiguous', { label: box, count: found.length })
}

async function listAll(
  client: RestClient,
  filter: { state: Box['state']; tenant?: string; search?: string },
): Promise<Box[]> {
  const boxes: Box[] = []
  let after: string | null = null
  do {
    const page: Listed = await client.claims.list({
      ...filter,
      limit: 1_000,
      ...(after !== null && { after }),
    })
    boxes.push(...page.knocks)
    after = page.next
  } while (after !== null)
  return boxes
}

function toRow(box: Box) {
  const { id, label, mac, deviceId, manufacturer, chip, firmware, address, count, lastAt, state } = box
  return [
    label ?? deviceId ?? mac ?? id,
    mac ?? '-',
    manufacturer ?? '-',
    chip ?? '-',
    firmware ?? '-',
    address,
    count,
    lastAt,
    state,
    notesOf(box),
  ]
}

function notesOf({ flagged, unproven, taken, gateway, way }: Box): string {
  const notes = [
    flagged && 'another has its name',
    unproven && 'identity unproven',
    taken && 'belongs to a gateway that you do not see',
    gateway !== null && `${gateway.code} (${gateway.state})`,
    way !== 'bootstrap' && way,
  ].filter((note) => note !== false)
  return notes.join(', ') || '-'
}
