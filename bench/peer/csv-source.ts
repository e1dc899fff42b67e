import { open } from 'node:fs/promises'
import { type History, hoursOf } from '../store/shapes.ts'

/** The rows that peers load, `series,ts,value` in order: all of them get the same. */
export async function writeCsvSource(file: string, history: History): Promise<void> {
  const out = await open(file, 'w', 0o644)
  try {
    let text = ''
    for (const { series, columns } of hoursOf(history)) {
      for (let i = 0; i < columns.count; i++) text += `${series},${columns.ts[i]},${columns.values[i]}\n`
      if (text.length < 1_000_000) continue
      await out.write(text)
      text = ''
    }
    await out.write(text)
  } finally {
    await out.close()
  }
}
