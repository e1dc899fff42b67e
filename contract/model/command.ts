import * as z from 'zod'
import { IdSchema } from './ids.ts'

/**
 * `queued`: waits for the gateway. `sent`: the broker has it for the gateway. `acknowledged` and `failed`: as the gateway
 * answered. `expired`: its time was over. `cancelled`: by a person, or because the gateway went.
 */
export const commandStates = ['queued', 'sent', 'acknowledged', 'failed', 'expired', 'cancelled'] as const
export type CommandState = (typeof commandStates)[number]

/** Bytes of `args` as JSON. */
export const COMMAND_ARGS_LIMIT = 16 * 1024
/** Seconds. */
export const COMMAND_LIFE = { least: 5, usual: 300, most: 7 * 24 * 60 * 60 } as const
/** No part of a topic, for some dialects send the name as one. */
export const COMMAND_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export const CommandSchema = z.object({
  id: IdSchema,
  gatewayId: IdSchema,
  name: z.string(),
  args: z.record(z.string(), z.unknown()),
  /** What the site itself wants of it; null for a person's. */
  purpose: z.enum(['bind']).nullable(),
  state: z.enum(commandStates),
  createdAt: z.date(),
  createdBy: z.string(),
  expiresAt: z.date(),
  sentAt: z.date().nullable(),
  /** Set for a sent one too, where its dialect has no acknowledgement: nothing more is heard of it. */
  endedAt: z.date().nullable(),
  /** JSON, as the gateway answered. */
  result: z.unknown(),
  /** As the gateway said it, or `gateway_left`. */
  error: z.string().nullable(),
})
export type Command = z.infer<typeof CommandSchema>

/** Whether it may still change. */
export function isOpen({ state, endedAt }: { state: CommandState; endedAt: unknown }): boolean {
  return endedAt === null && (state === 'queued' || state === 'sent')
}
