import type { Command } from 'commander'
import type { RestClient } from '#client/rest-client.ts'
import { type CloudMode, type CloudTenantChoice, cloudModes } from '#contract/model/cloud.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { parseInstant } from '../time-argument.ts'

export interface ChoiceFlags {
  tenant?: string[]
  link?: string[]
  from?: number
}

export const CHOICE_HELP = 'tenant=mode, with off, fleet or telemetry; may be repeated'

/** For options that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** Which tenants, from when, and as which of the cloud's. */
export function addChoiceOptions(command: Command, { now }: Pick<CommandContext, 'now'>): Command {
  return command
    .option('--tenant <choice>', `what is sent: ${CHOICE_HELP}`, collect)
    .option(
      '--from <time>',
      'readings from this time on; all that are stored where left out',
      (text: string) => parseInstant(text, now()),
    )
    .option(
      '--link <pair>',
      'tenant=ID: it is the same as this tenant of the cloud; may be repeated',
      collect,
    )
}

/** `--tenant dairy=telemetry --from 2026-01-01 --link dairy=ID`. @throws CliError `usage` */
export async function readChoices(client: RestClient, flags: ChoiceFlags): Promise<CloudTenantChoice[]> {
  const { tenants } = await client.tenants.details()
  const idOf = (reference: string) => {
    const found = tenants.find(({ id, slug }) => id === reference || slug === reference)
    if (!found) throw new CliError('usage', `The site has no tenant ${reference}`)
    return found.id
  }
  const links = new Map(
    (flags.link ?? []).map((text) => pair('--link', text)).map(([one, id]) => [idOf(one), id]),
  )
  const choices = (flags.tenant ?? []).map((text): CloudTenantChoice => {
    const [reference, mode] = pair('--tenant', text)
    if (!isMode(mode)) throw new CliError('usage', `--tenant: write ${CHOICE_HELP}`)
    const tenantId = idOf(reference)
    return { tenantId, mode, fromAt: flags.from ?? null, cloudTenantId: links.get(tenantId) ?? null }
  })
  for (const tenantId of links.keys())
    if (!choices.some((choice) => choice.tenantId === tenantId))
      throw new CliError('usage', '--link: name the tenant with --tenant too')
  return choices
}

/** All of the site, with everything: for a first look. */
export async function everything(client: RestClient, from: number | undefined): Promise<CloudTenantChoice[]> {
  const { tenants } = await client.tenants.details()
  return tenants.map(({ id }) => ({
    tenantId: id,
    mode: 'telemetry',
    fromAt: from ?? null,
    cloudTenantId: null,
  }))
}

function pair(flag: string, text: string): [string, string] {
  const at = text.lastIndexOf('=')
  if (at < 1 || at === text.length - 1)
    throw new CliError('usage', `${flag}: "${text}" is not written NAME=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function isMode(text: string): text is CloudMode {
  return (cloudModes as readonly string[]).includes(text)
}
