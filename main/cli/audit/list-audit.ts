import type { AuditEntry } from '#contract/api/audit.ts'
import type { CommandContext } from '../command-context.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { isoTime } from '../time-argument.ts'
import { type EntryFlags, filterOf } from './audit-flags.ts'

export interface ListFlags extends EntryFlags {
  limit: number
}

/** `millwright audit list`: the newest entries that match. */
export async function listAudit(
  { output }: CommandContext,
  { client }: SiteConnection,
  flags: ListFlags,
): Promise<void> {
  const entries: AuditEntry[] = []
  let cursor: number | undefined
  do {
    const limit = Math.min(500, flags.limit - entries.length)
    const page = await client.audit.list({ ...filterOf(flags), limit, ...(cursor && { cursor }) })
    entries.push(...page.entries)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && entries.length < flags.limit)
  if (flags.json) output.json({ entries, next: cursor ?? null })
  else if (entries.length === 0) output.note('No entries.')
  else
    output.table(
      ['ENTRY', 'TIME', 'WHO', 'ACTION', 'OBJECT', 'OUTCOME', 'STATUS', 'ADDRESS'],
      entries.map((entry) => [
        entry.seq,
        isoTime(entry.at),
        entry.actor.name ?? entry.actor.id ?? '-',
        entry.action,
        entry.object === null ? '-' : `${entry.object.kind} ${entry.object.id}`,
        entry.errorCode === null ? entry.outcome : `${entry.outcome} (${entry.errorCode})`,
        entry.status === null ? '-' : String(entry.status),
        entry.address ?? '-',
      ]),
    )
}
