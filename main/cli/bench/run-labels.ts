import { API_PREFIX } from '#client/rest-client.ts'
import type { LabelSizeName } from '#contract/model/label.ts'
import { openOutputFile } from '../files/output-file.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import type { Run } from './bench-types.ts'

export interface LabelFlags {
  label?: 'pdf' | 'zpl'
  labelSize?: LabelSizeName
  labelPrinter?: string
  labelOut?: string
  force?: boolean
}

/** As the run is to make them. */
export function labelsOf({ label, labelSize, labelPrinter }: LabelFlags): Run['setup']['labels'] {
  return { as: label ?? 'none', size: labelSize ?? 'roll-50x25', printer: labelPrinter ?? null }
}

/**
 * Labels of the gateways that a run made, in one file; a printer has them already. @returns the file; null: none
 * @throws CliError `file_exists`, `file_not_writable`
 */
export async function writeLabels(site: SiteConnection, run: Run, flags: LabelFlags): Promise<string | null> {
  const { label, labelPrinter, labelOut, force = false } = flags
  const isFile = label !== undefined && (labelPrinter === undefined || labelOut !== undefined)
  if (!isFile || run.counts.passed === 0) return null
  const name = labelOut ?? `labels-${run.name.replaceAll(/[^\w.-]/g, '-')}.${label}`
  const file = await openOutputFile(name, { overwrite: force })
  try {
    const response = await site.get(`${API_PREFIX}/bench/runs/${run.id}/labels?format=${label}`)
    for await (const chunk of response.body ?? []) await file.write(chunk)
    await file.commit()
    return file.path
  } finally {
    await file.discard()
  }
}
