import { describe, expect, it } from 'vitest'
import { toCsv, toTsv } from './as-text.ts'
import type { Column } from './column.ts'

interface Row {
  id: string
  name: string
  value: string
}
const column = (id: 'name' | 'value'): Column<Row> => ({
  id,
  header: id,
  width: '1fr',
  cell: (row) => row[id],
  text: (row) => row[id],
})
const columns = [column('name'), column('value')]
const row = (name: string, value: string): Row => ({ id: name, name, value })

describe('rows as text', () => {
  it('writes CSV with quotes only where they are needed', () => {
    expect(toCsv(columns, [row('a "b", c', '1'), row('two\nlines', 'x')])).toBe(
      'name,value\r\n"a ""b"", c",1\r\n"two\nlines",x\r\n',
    )
  })

  it('keeps spreadsheets from running text, and numbers from being touched', () => {
    for (const text of ['=1+1', '+cmd', '-cmd', '@x', '-1+2']) {
      expect(toCsv(columns, [row(text, '-4.5')])).toBe(`name,value\r\n'${text},-4.5\r\n`)
      expect(toTsv(columns, [row(text, '-4.5')])).toBe(`name\tvalue\n'${text}\t-4.5`)
    }
  })

  it('keeps a row of TSV on one line and a cell in one column', () => {
    expect(toTsv(columns, [row('a\tb', 'c\nd')])).toBe('name\tvalue\na b\tc d')
  })
})
