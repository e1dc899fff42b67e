import { ExpectedError } from '#contract/errors.ts'
import { Quality } from '#contract/model/quality.ts'
import type { Buckets } from '#contract/model/telemetry-query.ts'
import type { TenantScope } from '#features/access/index.ts'
import type {
  CalculatedChannels,
  CalculatedWatch,
  ChannelRegistry,
  TelemetryService,
} from '#features/telemetry/index.ts'
import type { Historian, Spans } from '#platform/historian/historian.ts'
import type { CalculationBook, KnownCalculation } from './calculation-book.ts'
import type { CalculationEvaluator } from './calculation-evaluator.ts'
import { CalculationWatch } from './calculation-watch.ts'
import type { Program } from './expression/program.ts'

export interface LiveCalculationsDependencies {
  book: CalculationBook
  evaluator: CalculationEvaluator
  registry: ChannelRegistry
  watchers: TelemetryService['watchers']
  historian: Pick<Historian, 'neighbours'>
}

const everywhere: TenantScope = { all: true }

/** Calculations as telemetry's queries and subscriptions use them. */
export class LiveCalculations implements CalculatedChannels {
  readonly #dependencies: LiveCalculationsDependencies

  constructor(dependencies: LiveCalculationsDependencies) {
    this.#dependencies = dependencies
  }

  byId(scope: TenantScope, id: string) {
    return named(this.#dependencies.book.byId(scope, id))
  }

  byName(scope: TenantScope, tenantId: string | null, name: string) {
    const wanted = name.toLowerCase()
    const found = this.#dependencies.book
      .all(scope)
      .filter(({ row }) => row.name.toLowerCase() === wanted && (tenantId ?? row.tenantId) === row.tenantId)
    return found.length === 1 ? named(found[0]) : undefined
  }

  buckets(ids: string[], spans: Spans, signal: AbortSignal | undefined): Promise<Buckets[]> {
    return this.#dependencies.evaluator.buckets([...this.#programs(ids).values()], spans, signal)
  }

  /** Its first values are those of now. */
  async watch(ids: string[]): Promise<CalculatedWatch> {
    const { registry, watchers, historian } = this.#dependencies
    const watch = new CalculationWatch(this.#programs(ids))
    const inputs = watch.channelIds.flatMap((id) => registry.byId(everywhere, id) ?? [])
    const close = watchers.add(
      inputs.map(({ row }) => row.seriesId),
      {
        offer: (channel, reading) => {
          if ((reading.quality & Quality.ahead) === 0) watch.offer(channel.row.id, reading)
        },
      },
    )
    try {
      const counters = new Set(watch.counterIds)
      for (const { row, latest } of inputs) {
        if (latest === null) continue
        watch.offer(row.id, latest)
        if (!counters.has(row.id)) continue
        const { previous } = await historian.neighbours(row.seriesId, latest.ts)
        if (previous !== null) watch.offer(row.id, previous)
      }
    } catch (error) {
      close()
      throw error
    }
    return {
      take: () =>
        [...watch.take()].map(([channelId, { ts, value }]) => ({
          channelId,
          ts: [ts],
          values: [value],
          quality: [Quality.good],
        })),
      close,
    }
  }

  /** @throws ExpectedError `not_found`: deleted just now */
  #programs(ids: string[]): Map<string, Program> {
    const { book } = this.#dependencies
    const programs = new Map<string, Program>()
    for (const id of ids) {
      const found = book.byId(everywhere, id)
      if (!found) throw new ExpectedError('not_found', { what: 'calculation', id })
      programs.set(id, book.program(found.definition))
    }
    return programs
  }
}

function named(calculation: KnownCalculation | undefined) {
  if (!calculation) return undefined
  const { id, tenantId, name, unit } = calculation.row
  return { id, tenantId, name, unit }
}
