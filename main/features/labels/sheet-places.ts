import { type LabelSize, labelsOn } from '#contract/model/label.ts'

export interface SheetPlace<Item> {
  item: Item
  /** Of the label's upper left corner on its sheet, mm. */
  x: number
  y: number
}

/** Sheet by sheet, row by row. @param start the first free label of the first sheet, counted from 1 */
export function* sheets<Item>(
  size: LabelSize,
  items: readonly Item[],
  start: number,
): Generator<SheetPlace<Item>[]> {
  const most = labelsOn(size)
  let place = start - 1
  let sheet: SheetPlace<Item>[] = []
  for (const item of items) {
    sheet.push({
      item,
      x: size.left + (place % size.columns) * size.pitchX,
      y: size.top + Math.floor(place / size.columns) * size.pitchY,
    })
    place += 1
    if (place < most) continue
    yield sheet
    place = 0
    sheet = []
  }
  if (sheet.length > 0) yield sheet
}
