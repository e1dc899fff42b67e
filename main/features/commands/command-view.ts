import type { Command } from '#contract/model/command.ts'
import type { CommandRow } from './commands.repository.ts'

/** As the contract gives it. */
export function commandView(row: CommandRow): Command {
  const { id, gatewayId, name, args, purpose, state, createdByName, result, error } = row
  return {
    id,
    gatewayId,
    name,
    args: JSON.parse(args) as Record<string, unknown>,
    purpose,
    state,
    createdAt: new Date(row.createdAt),
    createdBy: createdByName,
    expiresAt: new Date(row.expiresAt),
    sentAt: row.sentAt === null ? null : new Date(row.sentAt),
    endedAt: row.endedAt === null ? null : new Date(row.endedAt),
    result: result === null ? null : (JSON.parse(result) as unknown),
    error,
  }
}
