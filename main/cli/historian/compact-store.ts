import { compactStore } from '#platform/historian/months/compact.ts'
import type { CommandContext } from '../command-context.ts'
import { checkOptions } from './check-store.ts'
import { alone } from './repair-store.ts'

/** `millwright historian compact`. */
export async function compact(context: CommandContext, store: string, json: boolean): Promise<void> {
  const { output } = context
  const files = await alone(store, () => compactStore(store, checkOptions(context)))
  const before = files.reduce((sum, { bytesBefore }) => sum + bytesBefore, 0)
  const after = files.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0)
  if (json) {
    output.json({ store, bytesBefore: before, bytesAfter: after, files })
    return
  }
  if (files.length > 0) {
    output.table(
      ['FILE', 'MIB BEFORE', 'MIB AFTER', 'DAYS JOINED'],
      files.map(({ file, bytesBefore, bytesAfter, days }) => [
        file,
        mebibytes(bytesBefore),
        mebibytes(bytesAfter),
        days,
      ]),
    )
    output.line()
  }
  output.line(`${files.length} files: ${mebibytes(before)} MiB before, ${mebibytes(after)} MiB after`)
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1)
}
