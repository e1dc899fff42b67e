import { errorText } from '#contract/errors.ts'
import { field } from '#platform/csv/csv-field.ts'
import type { BatchOutcome } from './batch-import.job.ts'

/** What only the download knows of a gateway. */
export interface ReportedGateway {
  label: string
  /** File in the ZIP; null where its key is handed over already. */
  file: string | null
}

const plain = ['line', 'mac_address', 'code', 'name', 'group', 'profile', 'outcome', 'problem'] as const

/** One line a row of the file, RFC 4180. Text that a spreadsheet would run has an apostrophe before it. */
export function reportCsv(
  rows: readonly BatchOutcome[],
  gateways?: ReadonlyMap<string, ReportedGateway>,
): string {
  const header = gateways === undefined ? [...plain, 'gateway_id'] : [...plain, 'gateway_id', 'label', 'file']
  const lines = rows.map((row) => {
    const gateway = gateways?.get(row.gatewayId ?? '')
    return [
      String(row.line),
      row.mac ?? '',
      row.code,
      row.name,
      row.group ?? '',
      row.profile ?? '',
      row.outcome ?? 'not done',
      row.problem === null ? '' : errorText(row.problem.code, row.problem.data),
      row.gatewayId ?? '',
      ...(gateways === undefined ? [] : [gateway?.label ?? '', gateway?.file ?? '']),
    ]
  })
  return [header, ...lines].map((line) => `${line.map((text) => field(text, false)).join(',')}\r\n`).join('')
}
