/** Columns that hold JSON as text. */
const JSON_COLUMNS = new Set([
  'content',
  'channelIds',
  'metadata',
  'permissions',
  'scopes',
  'topics',
  'params',
  'result',
  'details',
])
/** Columns that hold ms since 1970. */
const TIME_COLUMN = /(At|Until|Before|After)$|^(at|hour|lastAt)$/

/** A row as people and programs read it: times as ISO 8601, JSON inside as what it is. */
export function plain(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'number' && TIME_COLUMN.test(name)) return [name, new Date(value).toISOString()]
      if (typeof value === 'string' && JSON_COLUMNS.has(name)) return [name, parsed(value)]
      return [name, value]
    }),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A JSON array as it is written, row by row: nothing of it is kept. */
export async function* jsonArray(rows: AsyncIterable<object> | Iterable<object>): AsyncGenerator<string> {
  let text = '['
  let isFirst = true
  for await (const row of rows) {
    text += `${isFirst ? '' : ','}\n${JSON.stringify(plain(row))}`
    isFirst = false
    if (text.length < 64 * 1024) continue
    yield text
    text = ''
  }
  yield `${text}\n]\n`
}

/** Rows page by page, each page after the last row of the one before. */
export async function* inPages<Cursor extends object, Row extends Cursor>(
  next: (after: Cursor | null, limit: number) => Promise<Row[]>,
  limit = 1_000,
): AsyncGenerator<Row> {
  let last: Cursor | null = null
  for (;;) {
    const page: Row[] = await next(last, limit)
    yield* page
    last = page.at(-1) ?? null
    if (page.length < limit) return
  }
}
