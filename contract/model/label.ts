import * as z from 'zod'

export const labelSizeNames = [
  'a4-24',
  'a4-21',
  'a4-65',
  'a4-189',
  'letter-30',
  'roll-50x25',
  'roll-62x29',
  'roll-100x50',
] as const
export const LabelSizeNameSchema = z.enum(labelSizeNames)
export type LabelSizeName = (typeof labelSizeNames)[number]

/** A label as it is sold, mm. Sheets hold `columns` x `rows` of them; a roll is one after the other. */
export interface LabelSize {
  name: LabelSizeName
  /** Number under which shops sell the sheet, or the size of the roll. */
  product: string
  kind: 'sheet' | 'roll'
  /** Of one label. */
  width: number
  height: number
  columns: number
  rows: number
  /** From one label's edge to the same edge of the next. */
  pitchX: number
  pitchY: number
  /** From the paper's edge to the first label. */
  left: number
  top: number
  paperWidth: number
  paperHeight: number
}

const A4 = { paperWidth: 210, paperHeight: 297 }
const letter = { paperWidth: 215.9, paperHeight: 279.4 }

/** Labels stand in the middle of their paper. */
function sheet(
  given: Pick<LabelSize, 'name' | 'product' | 'width' | 'height' | 'columns' | 'rows' | 'pitchX' | 'pitchY'>,
  paper: typeof A4,
): LabelSize {
  const left = (paper.paperWidth - (given.columns - 1) * given.pitchX - given.width) / 2
  const top = (paper.paperHeight - (given.rows - 1) * given.pitchY - given.height) / 2
  return { kind: 'sheet', ...given, ...paper, left, top }
}

function roll(name: LabelSizeName, width: number, height: number): LabelSize {
  return {
    name,
    product: `${width} x ${height} mm`,
    kind: 'roll',
    width,
    height,
    columns: 1,
    rows: 1,
    pitchX: width,
    pitchY: height,
    left: 0,
    top: 0,
    paperWidth: width,
    paperHeight: height,
  }
}

const avery = (product: string) => `Avery ${product}`

/** The sizes that labels are made in. */
export const labelSizes: readonly LabelSize[] = [
  sheet(
    {
      name: 'a4-24',
      product: avery('L7159'),
      width: 63.5,
      height: 33.9,
      columns: 3,
      rows: 8,
      pitchX: 66.04,
      pitchY: 33.9,
    },
    A4,
  ),
  sheet(
    {
      name: 'a4-21',
      product: avery('L7160'),
      width: 63.5,
      height: 38.1,
      columns: 3,
      rows: 7,
      pitchX: 66.04,
      pitchY: 38.1,
    },
    A4,
  ),
  sheet(
    {
      name: 'a4-65',
      product: avery('L7651'),
      width: 38.1,
      height: 21.2,
      columns: 5,
      rows: 13,
      pitchX: 40.64,
      pitchY: 21.2,
    },
    A4,
  ),
  sheet(
    {
      name: 'a4-189',
      product: avery('L4731'),
      width: 25.4,
      height: 10,
      columns: 7,
      rows: 27,
      pitchX: 27.9,
      pitchY: 10,
    },
    A4,
  ),
  sheet(
    {
      name: 'letter-30',
      product: avery('5160'),
      width: 66.675,
      height: 25.4,
      columns: 3,
      rows: 10,
      pitchX: 69.85,
      pitchY: 25.4,
    },
    letter,
  ),
  roll('roll-50x25', 50, 25),
  roll('roll-62x29', 62, 29),
  roll('roll-100x50', 100, 50),
]

/** Labels on one sheet; 1 on a roll. */
export function labelsOn(size: LabelSize): number {
  return size.columns * size.rows
}

export function labelSize(name: LabelSizeName): LabelSize {
  const size = labelSizes.find((one) => one.name === name)
  if (size === undefined) throw new Error(`No label size ${name}`)
  return size
}

/** `pdf`: sheets, or a page a label. `zpl`: for label printers that speak ZPL II, rolls only. */
export const labelFormats = ['pdf', 'zpl'] as const
export type LabelFormat = (typeof labelFormats)[number]

/**
 * What the QR code holds. `label`: the text on the box. `url`: the address of the gateway at this site. `json`: id,
 * label, MAC and code.
 */
export const labelContents = ['label', 'url', 'json'] as const
export type LabelContent = (typeof labelContents)[number]

/** Dots an inch of common label printers. */
export const labelResolutions = [203, 300, 600] as const
export type LabelResolution = (typeof labelResolutions)[number]

/** Labels that one call makes, copies counted. */
export const LABELS_MOST = 5_000
