import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { BucketsSchema } from '../model/telemetry-query.ts'

/** What stands for an input in a span: its average over time, or its last value there. */
export const calculationBases = ['average', 'last'] as const
const BasisSchema = z.enum(calculationBases)

/** Characters of an expression. */
export const EXPRESSION_LENGTH_MAX = 2_000

export const CalculationSchema = z.object({
  id: IdSchema,
  tenantId: IdSchema,
  /** Unique in the tenant. */
  name: z.string(),
  unit: z.string().nullable(),
  /** With the names of now: `[GW001/power] + [=Losses]`. */
  expression: z.string(),
  basis: BasisSchema,
  /** Channels that it needs, those of the calculations in it too. */
  channelIds: z.array(IdSchema),
  createdAt: z.date(),
  createdBy: z.string(),
})
export type Calculation = z.infer<typeof CalculationSchema>

const NameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, 'no control characters')
const UnitSchema = z.string().trim().max(20).nullable()
const ExpressionSchema = z.string().min(1).max(EXPRESSION_LENGTH_MAX)

/** Calculated channels: arithmetic of channels, counters into rates. */
export const calculations = {
  list: base
    .meta({ access: 'telemetry:read' })
    .route({ method: 'GET', path: '/calculations', tags: ['Telemetry'], summary: 'Calculated channels' })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }))
    .output(z.object({ calculations: z.array(CalculationSchema) })),
  create: base
    .meta({ access: 'dashboards:write', reach: 'tenant', audit: 'calculation.create' })
    .route({
      method: 'POST',
      path: '/calculations',
      successStatus: 201,
      tags: ['Telemetry'],
      summary: 'Make a calculated channel',
    })
    .errors(
      errors(
        'tenant_unknown',
        'expression_invalid',
        'calculation_circular',
        'calculation_name_taken',
        'too_many_calculations',
      ),
    )
    .input(
      z.object({
        tenant: z.string().max(64).optional().describe('Id or slug; may be left out where there is one'),
        name: NameSchema,
        unit: UnitSchema.default(null),
        expression: ExpressionSchema,
        basis: BasisSchema.default('average'),
      }),
    )
    .output(CalculationSchema),
  update: base
    .meta({ access: 'dashboards:write', reach: 'tenant', audit: 'calculation.update' })
    .route({
      method: 'PATCH',
      path: '/calculations/{calculationId}',
      tags: ['Telemetry'],
      summary: 'Change a calculated channel',
    })
    .errors(errors('not_found', 'expression_invalid', 'calculation_circular', 'calculation_name_taken'))
    .input(
      z.object({
        calculationId: IdSchema,
        name: NameSchema.optional(),
        unit: UnitSchema.optional(),
        expression: ExpressionSchema.optional(),
        basis: BasisSchema.optional(),
      }),
    )
    .output(CalculationSchema),
  delete: base
    .meta({ access: 'dashboards:write', reach: 'tenant', audit: 'calculation.delete' })
    .route({
      method: 'DELETE',
      path: '/calculations/{calculationId}',
      tags: ['Telemetry'],
      summary: 'Delete a calculated channel',
    })
    .errors(errors('not_found', 'calculation_in_use'))
    .input(z.object({ calculationId: IdSchema }))
    .output(z.object({ deleted: z.boolean() })),
  /** What an expression would give, without saving it; `calculationId` is the one being changed. */
  preview: base
    .meta({ access: 'telemetry:read', reach: 'tenant' })
    .errors(
      errors('not_found', 'tenant_unknown', 'range_invalid', 'expression_invalid', 'calculation_circular'),
    )
    .input(
      z.object({
        tenant: z.string().max(64).optional(),
        calculationId: IdSchema.optional(),
        expression: ExpressionSchema,
        basis: BasisSchema.default('average'),
        from: z.number().int(),
        to: z.number().int(),
        points: z.number().int().min(1).max(1_000),
      }),
    )
    .output(z.object({ buckets: BucketsSchema, channelIds: z.array(IdSchema) })),
}
