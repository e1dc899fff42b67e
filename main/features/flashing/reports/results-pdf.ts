import { setImmediate as turn } from 'node:timers/promises'
import type { BenchRun, FlashJob } from '#contract/model/flash.ts'
import { openDocument, withFont } from '#features/labels/index.ts'
import { inOrder } from './results-csv.ts'

/** Points (1/72 inch): A4 across, and its margins. */
const page = { width: 841.89, height: 595.28, margin: 36 }
const LINE = 15
const SIZE = 8

interface Column {
  title: string
  width: number
  text(job: FlashJob): string
}

const columns: Column[] = [
  { title: '#', width: 24, text: () => '' },
  { title: 'Result', width: 56, text: ({ state }) => words[state] },
  { title: 'Code', width: 62, text: ({ gateway }) => gateway?.code ?? '' },
  { title: 'Name', width: 110, text: ({ gateway }) => gateway?.name ?? '' },
  { title: 'MAC', width: 88, text: ({ board }) => board?.mac ?? '' },
  {
    title: 'Board',
    width: 92,
    text: ({ board }) => [board?.model, board?.revision].filter(Boolean).join(' '),
  },
  { title: 'Port', width: 58, text: ({ port }) => port.name },
  { title: 'Ended', width: 84, text: ({ endedAt }) => (endedAt === null ? '' : minuteOf(endedAt)) },
  { title: 'First reading', width: 96, text: readingOf },
  { title: 'Remark', width: 99, text: ({ error, step }) => (error === null ? '' : `${step}: ${error.code}`) },
]

const words: Record<FlashJob['state'], string> = {
  running: '… running',
  passed: '✓ passed',
  failed: '✗ failed',
  cancelled: '– cancelled',
  skipped: '– skipped',
  interrupted: '– interrupted',
}

/** What a site is called, and when the report was made. */
export interface ReportContext {
  siteName: string
  /** ms */
  now: number
}

/** The pass and fail table of a run: A4 across, a line a board. Times in UTC. */
export async function resultsPdf(
  run: BenchRun,
  jobs: readonly FlashJob[],
  { siteName, now }: ReportContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const document = await openDocument(`Bench run ${run.name}`)
  const chunks: Uint8Array[] = []
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    document.once('end', resolve)
    document.once('error', reject)
  })
  const rows = inOrder(jobs)
  const perPage = Math.floor((page.height - 2 * page.margin - 8 * LINE) / LINE)
  const pages = Math.max(1, Math.ceil(rows.length / perPage))
  for (let at = 0; at < pages; at += 1) {
    document.addPage({ size: [page.width, page.height], margin: 0 })
    let y = drawHead(document, run, jobs)
    y = drawTitles(document, y)
    for (const [index, job] of rows.slice(at * perPage, (at + 1) * perPage).entries()) {
      drawRow(document, job, { number: at * perPage + index + 1, y })
      y += LINE
    }
    const foot = `${siteName === '' ? 'Millwright' : siteName} · made ${minuteOf(new Date(now))} UTC · page ${at + 1} of ${pages}`
    // Thousands of boards take a second: gateways are not to wait for it.
    await turn()
    put(document, foot, { x: page.margin, y: page.height - page.margin, width: page.width - 2 * page.margin })
  }
  document.end()
  await ended
  return new Uint8Array(Buffer.concat(chunks))
}

function drawHead(document: PDFKit.PDFDocument, run: BenchRun, jobs: readonly FlashJob[]): number {
  const width = page.width - 2 * page.margin
  const x = page.margin
  put(document, `Bench run ${run.name}`, { x, y: page.margin + 12, width, size: 14, isBold: true })
  const of = (state: FlashJob['state']) => jobs.filter((job) => job.state === state).length
  const others = jobs.length - of('passed') - of('failed')
  const tally = `${of('passed')} passed · ${of('failed')} failed · ${others} other · ${jobs.length} boards`
  put(document, tally, { x, y: page.margin + 12 + 1.4 * LINE, width, size: 11, isBold: true })
  const { bundle, signature, profile, group, wifi } = run.facts
  const facts = [
    run.tenant.name,
    group,
    `firmware ${bundle} (${signature})`,
    profile && `profile ${profile}`,
    wifi && `Wi-Fi ${wifi}`,
  ]
  put(document, facts.filter(Boolean).join(' · '), { x, y: page.margin + 12 + 2.5 * LINE, width })
  const when = [
    `started ${minuteOf(run.startedAt)} UTC by ${run.startedBy}`,
    run.endedAt && `ended ${minuteOf(run.endedAt)} UTC`,
  ]
  put(document, when.filter(Boolean).join(' · '), { x, y: page.margin + 12 + 3.4 * LINE, width })
  return page.margin + 12 + 5 * LINE
}

function drawTitles(document: PDFKit.PDFDocument, y: number): number {
  let x = page.margin
  for (const { title, width } of columns) {
    put(document, title, { x, y, width, isBold: true })
    x += width
  }
  document
    .moveTo(page.margin, y + 4)
    .lineTo(page.width - page.margin, y + 4)
    .lineWidth(0.5)
    .stroke('#000000')
  return y + LINE
}

function drawRow(
  document: PDFKit.PDFDocument,
  job: FlashJob,
  { number, y }: { number: number; y: number },
): void {
  let x = page.margin
  for (const [index, { width, text }] of columns.entries()) {
    const isResult = index === 1
    const isBad = job.state === 'failed'
    put(document, index === 0 ? String(number) : text(job), { x, y, width, isBold: isResult && isBad })
    x += width
  }
}

interface Place {
  x: number
  y: number
  width: number
  size?: number
  isBold?: boolean
}

/** One line, cut where the column ends: a name of 200 characters must not run over its neighbour. */
function put(
  document: PDFKit.PDFDocument,
  text: string,
  { x, y, width, size = SIZE, isBold = false }: Place,
): void {
  withFont(document, isBold).fontSize(size).fillColor('#000000')
  document.text(fitted(document, oneLine(text), width - 4), x, y, {
    lineBreak: false,
    baseline: 'alphabetic',
  })
}

function fitted(document: PDFKit.PDFDocument, text: string, width: number): string {
  if (document.widthOfString(text) <= width) return text
  const letters = [...text]
  let [fits, tooMany] = [0, letters.length]
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    const cut = `${letters.slice(0, middle).join('')}…`
    if (document.widthOfString(cut) <= width) fits = middle
    else tooMany = middle
  }
  return `${letters.slice(0, fits).join('')}…`
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

function readingOf({ firstReading }: FlashJob): string {
  if (firstReading === null) return ''
  const { channel, value, unit, check } = firstReading
  const shown = typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value)
  return `${check === 'failed' ? '✗ ' : ''}${channel} ${shown}${unit === null ? '' : ` ${unit}`}`
}

function minuteOf(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ')
}
