import { dirname } from 'node:path'
import { repairStore } from '#platform/historian/months/repair.ts'
import { lockDataDir } from '#platform/lock/data-lock.ts'
import type { CommandContext } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { isoTime } from '../time-argument.ts'
import { checkOptions, showFindings } from './check-store.ts'
import { mustBeThere } from './show-stats.ts'

/** Runs with the site's data folder to itself. @throws ExpectedError `data_in_use` while a site runs on it */
export async function alone<Result>(store: string, work: () => Promise<Result>): Promise<Result> {
  mustBeThere(store)
  const lock = lockDataDir(dirname(store))
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** `millwright historian repair`. */
export async function repair(context: CommandContext, store: string, json: boolean): Promise<void> {
  const { output, now } = context
  const { repairs, findings } = await alone(store, () =>
    repairStore(store, { ...checkOptions(context), now: now() }),
  )
  const open = findings.filter(({ settled }) => !settled)
  if (json) output.json({ store, sound: open.length === 0, repairs, findings })
  else {
    if (repairs.length > 0) {
      output.table(
        ['DONE', 'FILE', 'SERIES', 'FROM', 'TO', 'KEPT'],
        repairs.map(({ kind, file, seriesId, from, to, kept }) => [
          kind,
          file,
          seriesId ?? '-',
          isoTime(from),
          isoTime(to),
          kept ?? '-',
        ]),
      )
      output.line()
    }
    showFindings(context, findings)
    output.line(
      open.length > 0
        ? `${open.length} could not be repaired: restore a backup, or go on without`
        : repairs.length === 0
          ? 'Sound: nothing was to be done'
          : `Sound again: ${repairs.length} done`,
    )
  }
  if (open.length > 0) context.exitCode = ExitCode.failed
}
