import type { LabelQr } from './label-layout.ts'

/** The dark modules of each row that touch, as one: x, y and width in mm; each is one module high. */
export function darkRuns(qr: LabelQr): { x: number; y: number; width: number }[] {
  return qr.rows.flatMap((row, line) => {
    const runs: { x: number; y: number; width: number }[] = []
    let from = -1
    // One past the end, which is never dark, closes the last run.
    for (let column = 0; column <= row.length; column++) {
      if (row[column] === true) {
        if (from === -1) from = column
        continue
      }
      if (from === -1) continue
      runs.push({
        x: qr.x + from * qr.module,
        y: qr.y + line * qr.module,
        width: (column - from) * qr.module,
      })
      from = -1
    }
    return runs
  })
}
