export type Cell = string | number

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Lines with columns aligned by what is seen, not by UTF-16 units; text to the left, numbers to the right. */
export function alignColumns(rows: readonly (readonly Cell[])[]): string[] {
  const text = rows.map((row) => row.map((cell) => printable(String(cell))))
  const widths: number[] = []
  for (const row of text) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell))
    }
  }
  return text.map((row, index) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - widthOf(cell))
        return typeof rows[index]?.[column] === 'number' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Names and text readings come from outside: a control character in one must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
}

function widthOf(text: string): number {
  return [...segments.segment(text)].length
}
