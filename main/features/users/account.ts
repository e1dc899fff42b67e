import { randomUUID } from 'node:crypto'
import type { Actor } from '#features/access/index.ts'

/** What others follow: credentials of a person end, or have another reach. */
export interface AccountChange {
  userId: string
  what: 'rights' | 'suspended' | 'resumed' | 'deleted'
}

/** Random throughout: a UUIDv7 would tell a tenant that an account is older than its invitation. */
export function newUserId(): string {
  return randomUUID()
}

/** Null: whoever owns the data folder. */
export function creatorOf(actor: Actor): string | null {
  return actor.kind === 'user' || actor.kind === 'api_key' ? actor.id : null
}
