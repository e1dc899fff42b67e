import {
  LABELS_MOST,
  type LabelContent,
  type LabelFormat,
  type LabelResolution,
  type LabelSizeName,
  labelContents,
  labelFormats,
  labelResolutions,
  labelSize,
  labelSizeNames,
  labelsOn,
} from '#contract/model/label.ts'

/** What a person chose of labels; what is about paper is remembered on this machine. */
export interface LabelChoice {
  format: LabelFormat
  size: LabelSizeName
  qr: LabelContent
  resolution: LabelResolution
  copies: number
  start: number
}

const first: LabelChoice = {
  format: 'pdf',
  size: 'a4-24',
  qr: 'label',
  resolution: 203,
  copies: 1,
  start: 1,
}

/** What was chosen last; anything odd in it is as if it were not there. */
export function readChoice(stored: string | null): LabelChoice {
  const { format, size, qr, resolution } = parsed(stored)
  return withFormat(
    {
      ...first,
      size: labelSizeNames.find((one) => one === size) ?? first.size,
      qr: labelContents.find((one) => one === qr) ?? first.qr,
      resolution: labelResolutions.find((one) => one === resolution) ?? first.resolution,
    },
    labelFormats.find((one) => one === format) ?? first.format,
  )
}

/** Copies and start are of this one time. */
export function writeChoice({ format, size, qr, resolution }: LabelChoice): string {
  return JSON.stringify({ format, size, qr, resolution })
}

/** Label printers take rolls only. */
export function sizesFor(format: LabelFormat): LabelSizeName[] {
  return labelSizeNames.filter((name) => format === 'pdf' || labelSize(name).kind === 'roll')
}

export function withFormat(choice: LabelChoice, format: LabelFormat): LabelChoice {
  const [fallback = first.size] = sizesFor(format)
  return withSize({ ...choice, format }, sizesFor(format).includes(choice.size) ? choice.size : fallback)
}

export function withSize(choice: LabelChoice, size: LabelSizeName): LabelChoice {
  return { ...choice, size, start: Math.min(choice.start, labelsOn(labelSize(size))) }
}

/** How many labels, and on how many sheets. */
export function countsOf(
  { size, copies, start }: LabelChoice,
  gateways: number,
): { labels: number; sheets: number; tooMany: boolean } {
  const labels = gateways * copies
  const on = labelsOn(labelSize(size))
  return { labels, sheets: Math.ceil((labels + start - 1) / on), tooMany: labels > LABELS_MOST }
}

function parsed(stored: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stored ?? '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
