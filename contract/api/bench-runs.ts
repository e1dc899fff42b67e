import * as z from 'zod'
import { base, errors } from '../base.ts'
import { BenchRunSchema, BenchSetupSchema, FlashJobSchema } from '../model/flash.ts'
import { GATEWAY_CODE, IdSchema } from '../model/ids.ts'

export const RunRefSchema = z.object({ runId: IdSchema })
export const PortRefSchema = z.object({
  port: z.string().min(1).max(255).describe('Path or name: /dev/ttyUSB0, COM5'),
})

/** Runs of the bench: one set-up for many boards. */
export const benchRuns = {
  openRun: base
    .meta({ access: 'gateways:flash', audit: 'bench_run.open' })
    .route({
      method: 'POST',
      path: '/bench/runs',
      tags: ['Bench'],
      summary: 'Begin a run: one set-up for many boards',
      description:
        'With `startByItself` each board that is plugged in from now on begins at once; what is plugged in already waits to be started, for it may be no board. One run of a tenant is open at a time.',
      successStatus: 201,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'run_open',
        'run_invalid',
        'bundle_unsigned',
        'bundle_publisher_untrusted',
        'quota_gateways',
      ),
    )
    .input(BenchSetupSchema.extend({ tenant: z.string().max(64).optional() }))
    .output(BenchRunSchema),
  /** The dry run of `openRun`: what would be, without beginning. */
  previewRun: base
    .meta({ access: 'gateways:flash' })
    .route({
      method: 'POST',
      path: '/bench/runs/preview',
      tags: ['Bench'],
      summary: 'What a run would do, without beginning it',
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'run_invalid',
        'bundle_unsigned',
        'bundle_publisher_untrusted',
      ),
    )
    .input(BenchSetupSchema.extend({ tenant: z.string().max(64).optional() }))
    .output(
      z.object({
        facts: BenchRunSchema.shape.facts,
        chips: z.array(z.string()),
        /** The first names that new boards get. */
        names: z.array(z.object({ code: z.string(), name: z.string() })),
      }),
    ),
  runs: base
    .meta({ access: 'gateways:flash' })
    .route({ method: 'GET', path: '/bench/runs', tags: ['Bench'], summary: 'Runs, newest first' })
    .errors(errors('tenant_unknown'))
    .input(
      z.object({
        tenant: z.string().max(64).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        before: IdSchema.optional().describe('`next` of the page before'),
      }),
    )
    .output(z.object({ runs: z.array(BenchRunSchema), next: IdSchema.nullable() })),
  run: base
    .meta({ access: 'gateways:flash' })
    .route({ method: 'GET', path: '/bench/runs/{runId}', tags: ['Bench'], summary: 'A run and its boards' })
    .errors(errors('not_found'))
    .input(RunRefSchema)
    .output(z.object({ run: BenchRunSchema, jobs: z.array(FlashJobSchema) })),
  stopRun: base
    .meta({ access: 'gateways:flash', audit: 'bench_run.stop' })
    .route({
      method: 'POST',
      path: '/bench/runs/{runId}/stop',
      tags: ['Bench'],
      summary: 'End a run: boards that are on their way finish, no new one begins',
    })
    .errors(errors('not_found'))
    .input(
      RunRefSchema.extend({ now: z.boolean().default(false).describe('Cancel the boards on their way too') }),
    )
    .output(BenchRunSchema),
  start: base
    .meta({ access: 'gateways:flash', audit: 'flash_job.start' })
    .route({
      method: 'POST',
      path: '/bench/runs/{runId}/boards',
      tags: ['Bench'],
      summary: 'Begin with the board on a port, or with all that are plugged in',
    })
    .errors(
      errors(
        'not_found',
        'port_unknown',
        'port_busy',
        'port_denied',
        'run_ended',
        'plan_used_up',
        'plan_unknown_code',
        'code_taken',
      ),
    )
    .input(
      RunRefSchema.extend({
        port: z
          .string()
          .min(1)
          .max(255)
          .nullable()
          .default(null)
          .describe('Null: all free ports, but those whose board the run had already, or skipped'),
        /** Which line of the plan, or code, the board becomes; left out: the next. */
        code: z
          .string()
          .trim()
          .regex(GATEWAY_CODE, 'use 1 to 30 letters, digits, dots, dashes or underscores')
          .optional(),
      }),
    )
    .output(z.object({ jobs: z.array(FlashJobSchema) })),
  skip: base
    .meta({ access: 'gateways:flash', audit: 'flash_job.skip' })
    .route({
      method: 'POST',
      path: '/bench/runs/{runId}/skip',
      tags: ['Bench'],
      summary: 'Pass over the board on a port: it is left alone until it is plugged in again',
    })
    .errors(errors('not_found', 'port_unknown'))
    .input(RunRefSchema.extend(PortRefSchema.shape))
    .output(z.object({ skipped: z.literal(true) })),
  retryFailed: base
    .meta({ access: 'gateways:flash', audit: 'bench_run.retry' })
    .route({
      method: 'POST',
      path: '/bench/runs/{runId}/retry',
      tags: ['Bench'],
      summary: 'Retry all failed boards of a run that are plugged in',
    })
    .errors(errors('not_found', 'run_ended'))
    .input(RunRefSchema)
    .output(
      z.object({
        jobs: z.array(FlashJobSchema),
        /** Those that begin as soon as there is room (`atOnce`). */
        later: z.number().int(),
        /** Failed boards that are not plugged in any more. */
        absent: z.number().int(),
        /** Those whose port is in use, or may not be opened. */
        refused: z.number().int(),
      }),
    ),
}
