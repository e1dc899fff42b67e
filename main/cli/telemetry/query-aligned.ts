import type { RestClient } from '#client/rest-client.ts'
import type { Output } from '../output.ts'
import { isoTime } from '../time-argument.ts'
import { type SpanFunction, shown } from './span-flags.ts'

type Answer = Awaited<ReturnType<RestClient['telemetry']['query']>>
type Aligned = NonNullable<Answer['aligned']>
type Column = Aligned['columns'][number]

/** Several channels side by side: a line for each time, a column for each channel and function. */
export function printAligned(output: Output, aligned: Aligned, functions: readonly SpanFunction[]): void {
  const columns = aligned.columns.flatMap((column) =>
    column.values
      ? [{ head: nameOf(column), values: column.values }]
      : functions.flatMap((name) => {
          const values = column[name]
          return values ? [{ head: headOf(column, name, functions), values }] : []
        }),
  )
  output.table(
    ['TIME', ...columns.map(({ head }) => head)],
    aligned.ts.map((ts, row) => [isoTime(ts), ...columns.map(({ values }) => shown(values[row]))]),
  )
}

/** One object for each time; channels by their names. */
export function alignedRows(aligned: Aligned, functions: readonly SpanFunction[] | null) {
  return aligned.ts.map((ts, row) => ({
    time: isoTime(ts),
    ts,
    channels: aligned.columns.map((column) => {
      const { gateway, channel, name, unit, values, quality, kind: _, id, ...spans } = column
      const figures = Object.entries(spans).filter(
        ([figure]) => functions === null || functions.includes(figure as SpanFunction),
      )
      return {
        id,
        gateway,
        channel,
        name,
        unit,
        ...(values
          ? { value: values[row] ?? null, quality: quality?.[row] ?? null }
          : Object.fromEntries(figures.map(([figure, all]) => [figure, all?.[row] ?? null]))),
      }
    }),
  }))
}

function nameOf({ gateway, channel, name }: Column): string {
  return gateway === null ? `=${name}` : `${gateway}/${channel}`
}

function headOf(column: Column, name: SpanFunction, functions: readonly SpanFunction[]): string {
  return functions.length === 1 ? nameOf(column) : `${nameOf(column)} ${name}`
}
