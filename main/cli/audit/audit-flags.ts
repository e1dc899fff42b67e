import { type Command, Option } from 'commander'
import { auditOutcomes } from '#contract/api/audit.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { parseInstant } from '../time-argument.ts'

/** Which entries. */
export interface EntryFlags extends SiteFlags {
  from?: number
  to?: number
  actor?: string
  action?: string
  objectKind?: string
  object?: string
  tenant?: string
  outcome?: (typeof auditOutcomes)[number]
  text?: string
}

export function addEntryOptions(command: Command, context: CommandContext): Command {
  const instant = (text: string): number => parseInstant(text, context.now())
  return command
    .option('--from <time>', 'inclusive: ISO 8601, ms, or relative such as -24h', instant)
    .option('--to <time>', 'exclusive', instant)
    .option('--actor <who>', 'id, name, or local, system, gateway, anonymous')
    .option('--action <start>', 'what the action begins with, such as gateway.')
    .option('--object-kind <kind>', 'such as gateway, user')
    .option('--object <id>', 'id of the object')
    .option('--tenant <slug>', 'of one tenant')
    .addOption(new Option('--outcome <outcome>', 'how it ended').choices([...auditOutcomes]))
    .option('--text <text>', 'anywhere in the entry')
}

/** The flags as the site is asked. */
export function filterOf({ from, to, actor, action, objectKind, object, tenant, outcome, text }: EntryFlags) {
  return given({ from, to, actor, action, objectKind, objectId: object, tenant, outcome, text })
}
