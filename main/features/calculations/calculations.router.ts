import type { Procedures } from '#features/access/index.ts'
import type { CalculationEvaluator } from './calculation-evaluator.ts'
import type { CalculationsService } from './calculations.service.ts'

export interface CalculationsRouterDependencies {
  service: CalculationsService
  evaluator: CalculationEvaluator
  /** @throws ExpectedError `range_invalid` */
  checkRange(from: number, to: number): void
}

export function createCalculationsRouter(
  { calculations }: Procedures,
  { service, evaluator, checkRange }: CalculationsRouterDependencies,
) {
  return {
    list: calculations.list.handler(async ({ input, context }) => ({
      calculations: await service.list(context.scope, input.tenant),
    })),
    create: calculations.create.handler(({ input, context }) =>
      service.create(context.scope, input, context.audit.subject.actor.name, context.audit),
    ),
    update: calculations.update.handler(({ input: { calculationId, ...changes }, context }) =>
      service.update(context.scope, calculationId, changes, context.audit),
    ),
    delete: calculations.delete.handler(async ({ input, context }) => {
      await service.delete(context.scope, input.calculationId, context.audit)
      return { deleted: true }
    }),
    preview: calculations.preview.handler(async ({ input, context, signal }) => {
      const { from, to, points, tenant, expression, basis, calculationId } = input
      checkRange(from, to)
      const program = await service.draft(context.scope, { expression, basis, tenant, of: calculationId })
      const [buckets] = await evaluator.buckets([program], { from, to, count: points }, signal)
      if (!buckets) throw new Error('one program has one answer')
      return { buckets, channelIds: program.channelIds }
    }),
  }
}
