import * as z from 'zod'
import { base, errors } from '../base.ts'
import { COMMAND_LIFE, COMMAND_NAME, CommandSchema } from '../model/command.ts'
import { IdSchema } from '../model/ids.ts'

const GatewayRefSchema = z.object({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
})

const CommandRefSchema = z.object({ commandId: IdSchema })

/** Requests to gateways, with a result. What changes is told by `gateways.watchOne` (`commands`). */
export const commands = {
  send: base
    .meta({ access: 'gateways:command', audit: 'command.send' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/commands',
      tags: ['Commands'],
      summary: 'Send a command to a gateway',
      description:
        'It waits until the gateway listens, and is not sent after it expired. Send an Idempotency-Key: the same key and body give the same command again.',
      successStatus: 201,
    })
    .errors(
      errors(
        'not_found',
        'gateway_state_conflict',
        'commands_unsupported',
        'command_too_large',
        'too_many_commands',
        'idempotency_conflict',
      ),
    )
    .input(
      GatewayRefSchema.extend({
        name: z
          .string()
          .trim()
          .regex(COMMAND_NAME, 'use 1 to 64 letters, digits, dots, dashes or underscores'),
        args: z
          .record(z.string().max(128), z.unknown())
          .default({})
          .describe('JSON object, at most 16 KiB; the gateway gives it its meaning'),
        expiresIn: z
          .number()
          .int()
          .min(COMMAND_LIFE.least)
          .max(COMMAND_LIFE.most)
          .default(COMMAND_LIFE.usual)
          .describe('Seconds'),
      }),
    )
    .output(CommandSchema),
  list: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/gateways/{gateway}/commands',
      tags: ['Commands'],
      summary: 'Commands of a gateway, newest first',
    })
    .errors(errors('not_found'))
    .input(
      GatewayRefSchema.extend({
        limit: z.coerce.number().int().min(1).max(500).default(100),
        before: IdSchema.optional().describe('`next` of the page before'),
      }),
    )
    .output(
      z.object({
        commands: z.array(CommandSchema),
        next: IdSchema.nullable(),
        /** How the gateway is reached at this moment. */
        way: z.object({
          /** Null where its dialect has no commands. */
          topic: z.string().nullable(),
          /** Whether its dialect answers; where not, commands stay `sent`. */
          acknowledges: z.boolean(),
          /** It is connected and subscribes to its commands. */
          listening: z.boolean(),
        }),
      }),
    ),
  show: base
    .meta({ access: 'gateways:read' })
    .route({ method: 'GET', path: '/commands/{commandId}', tags: ['Commands'], summary: 'One command' })
    .errors(errors('not_found'))
    .input(CommandRefSchema)
    .output(CommandSchema),
  cancel: base
    .meta({ access: 'gateways:command', audit: 'command.cancel' })
    .route({
      method: 'POST',
      path: '/commands/{commandId}/cancel',
      tags: ['Commands'],
      summary: 'Take back a command that was not sent yet',
    })
    .errors(errors('not_found', 'command_ended'))
    .input(CommandRefSchema)
    .output(CommandSchema),
}
