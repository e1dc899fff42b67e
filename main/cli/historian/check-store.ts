import type { CheckOptions, CheckProgress, Finding } from '#platform/historian/months/findings.ts'
import { verifyStore } from '#platform/historian/months/verify.ts'
import type { CommandContext } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { isoTime } from '../time-argument.ts'
import { mustBeThere } from './show-stats.ts'

/** `millwright historian verify`: reads everything, changes nothing. */
export async function verify(context: CommandContext, store: string, json: boolean): Promise<void> {
  mustBeThere(store)
  const report = await verifyStore(store, checkOptions(context))
  const open = report.findings.filter(({ settled }) => !settled)
  if (json) context.output.json({ store, sound: open.length === 0, ...report })
  else {
    showFindings(context, report.findings)
    context.output.line(
      open.length === 0
        ? `Sound: ${report.readings} readings in ${report.blocks} blocks, ${report.files} files`
        : `${open.length} found in ${report.readings} readings, ${report.blocks} blocks, ${report.files} files. ${advice(open)}`,
    )
  }
  if (open.length > 0) context.exitCode = ExitCode.failed
}

function advice(findings: readonly Finding[]): string {
  return findings.some(({ repairable }) => repairable)
    ? 'Stop the site and run "millwright historian repair"'
    : 'Nothing of it can be repaired: restore a backup, or go on without'
}

/** Progress goes to stderr, at most once a second; Ctrl-C ends at the next step. */
export function checkOptions({ output, interrupt, now }: CommandContext): Required<CheckOptions> {
  let told = now()
  const onProgress = ({ file, done, total }: CheckProgress) => {
    if (now() - told < 1_000) return
    told = now()
    output.note(`${total === 0 ? 100 : Math.floor((done / total) * 100)} %  ${file}`)
  }
  return { onProgress, signal: interrupt }
}

/** A line each; nothing where there are none. */
export function showFindings({ output }: CommandContext, findings: readonly Finding[]): void {
  if (findings.length === 0) return
  output.table(
    ['FOUND', 'FILE', 'SERIES', 'FROM', 'TO', 'REPAIR', 'CAUSE'],
    findings.map(({ kind, file, seriesId, from, to, cause, repairable, settled }) => [
      kind,
      file,
      seriesId ?? '-',
      isoTime(from),
      isoTime(to),
      settled ? 'seen to' : repairable ? 'yes' : 'no',
      cause,
    ]),
  )
  output.line()
}
