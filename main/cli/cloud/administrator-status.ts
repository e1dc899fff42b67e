import { cloudStatus } from '#cloud/status.ts'
import type { CommandContext } from '../command-context.ts'
import { isoTime } from '../time-argument.ts'
import { withAdministrator } from './administrator.ts'
import type { CloudFlags } from './cloud-flags.ts'

/** `millwright cloud status --url postgres://…`: what the cloud's administrator sees. */
export function showCloud(context: CommandContext, flags: CloudFlags): Promise<void> {
  return withAdministrator(context, flags, async (client) => {
    const status = await cloudStatus(client)
    const { output } = context
    if (flags.json) {
      output.json(status)
      return
    }
    output.facts([
      ['Cloud', status.cloudId],
      ['Schema', `${status.schemaVersion} (sites from ${status.compatibleFrom})`],
      ['Postgres', status.postgresVersion],
      ['Readings', status.storage === 'timescale' ? 'TimescaleDB' : 'monthly partitions'],
      ['Size', `${(status.databaseBytes / 1_048_576).toFixed(1)} MiB`],
    ])
    output.line()
    output.table(
      ['SITE', 'ID', 'LAST CONTACT', 'VERSION', 'TENANTS', 'WAITING', 'SECONDS', 'REFUSED', 'LOST'],
      status.sites.map((site) => [
        site.username === null ? `${site.name} (no login)` : site.name,
        site.id,
        isoTime(site.lastSeenAt?.getTime() ?? null),
        site.appVersion ?? '-',
        site.tenants.map(({ slug, mode }) => `${slug}:${mode}`).join(' ') || '-',
        site.backlogRows ?? '-',
        site.backlogSeconds ?? '-',
        site.deadLetters ?? '-',
        site.lostReadings ?? '-',
      ]),
    )
    output.line()
    output.table(
      ['TENANT', 'ID', 'STATE', 'GATEWAYS', 'CHANNELS', 'CONFLICTS', 'READER'],
      status.tenants.map((tenant) => [
        tenant.slug,
        tenant.id,
        tenant.state,
        tenant.gateways,
        tenant.channels,
        tenant.unresolvedConflicts,
        tenant.hasReader ? 'yes' : 'no',
      ]),
    )
  })
}
