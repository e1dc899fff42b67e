import { ExpectedError } from '#contract/errors.ts'
import type { GatewayState } from '#contract/model/gateway.ts'
import {
  LABELS_MOST,
  type LabelContent,
  type LabelFormat,
  type LabelResolution,
  type LabelSize,
  type LabelSizeName,
  labelSize,
  labelsOn,
} from '#contract/model/label.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { measureWith, openDocument } from './label-font.ts'
import { type LabelDrawing, layOut } from './label-layout.ts'
import { labelsPdf } from './label-pdf.ts'
import { sheetSvg } from './label-svg.ts'
import { type LabelledGateway, qrText } from './label-text.ts'
import { labelZpl } from './label-zpl.ts'
import { gatewaysNamed } from './labels.repository.ts'
import { type SheetPlace, sheets } from './sheet-places.ts'
import { Turns } from './turns.ts'

export interface LabelsDependencies {
  db: SiteDb
  fleet: Pick<FleetService, 'list' | 'tenantId'>
  /** Where people reach the site: `https://192.168.10.5:8443`. */
  origin(): string
  siteName(): string
}

export interface LabelLayout {
  gateways?: string[] | undefined
  size: LabelSizeName
  qr: LabelContent
  copies: number
  start: number
}

export interface LabelOrder extends LabelLayout {
  tenant?: string | undefined
  group?: string | undefined
  state?: GatewayState | undefined
  search?: string | undefined
  format: LabelFormat
  resolution: LabelResolution
}

const types: Record<LabelFormat, { extension: string; type: string }> = {
  pdf: { extension: 'pdf', type: 'application/pdf' },
  zpl: { extension: 'zpl', type: 'text/plain;charset=utf-8' },
}

/** Labels of gateways: chosen, laid out, written. Nothing of it is kept. */
export class LabelsService {
  readonly #dependencies: LabelsDependencies

  constructor(dependencies: LabelsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * @throws ExpectedError `not_found`, `tenant_unknown`, `labels_none`, `labels_too_many`, `label_too_small`,
   * `label_format_unfit`, `input_invalid`
   */
  async make(scope: TenantScope, order: LabelOrder, audit: AuditDraft): Promise<File> {
    const size = labelSize(order.size)
    if (order.format === 'zpl' && size.kind !== 'roll')
      throw new ExpectedError('label_format_unfit', { size: size.product })
    requirePlace(size, order.start)
    const gateways = await this.#choose(scope, order)
    const { format, copies, qr } = order
    audit.about('label', order.size, audit.tenantId, { format, qr, copies, gateways: codesOf(gateways) })
    const { extension, type } = types[format]
    const name = `labels-${gateways.length === 1 ? gateways[0]?.label : order.size}.${extension}`
    const content = await (format === 'zpl'
      ? this.#zpl(size, gateways, order)
      : this.#pdf(size, gateways, order))
    return new File([content], name, { type })
  }

  /** The first sheet as it will be. @throws as `make` */
  async preview(scope: TenantScope, layout: LabelLayout & { gateways: string[] }): Promise<string> {
    const size = labelSize(layout.size)
    requirePlace(size, layout.start)
    const gateways = await this.#named(scope, layout.gateways, undefined)
    requireFew(gateways.length * layout.copies)
    const { draw } = await this.#drawing(size, layout)
    const first = await drawn(placed(size, gateways, layout), draw, new Turns()).next()
    return sheetSvg(size, first.done === true ? [] : first.value)
  }

  async #pdf(
    size: LabelSize,
    gateways: readonly LabelledGateway[],
    order: LabelOrder,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { document, draw } = await this.#drawing(size, order)
    const turns = new Turns()
    return labelsPdf(document, size, drawn(placed(size, gateways, order), draw, turns), turns)
  }

  async #zpl(size: LabelSize, gateways: readonly LabelledGateway[], order: LabelOrder): Promise<string> {
    const { draw } = await this.#drawing(size, order)
    const turns = new Turns()
    const printed: string[] = []
    for (const gateway of gateways) {
      const zpl = labelZpl(draw(gateway), size, order)
      if (zpl === null) throw tooSmall(gateway, size)
      printed.push(zpl)
      await turns.give()
    }
    return printed.join('')
  }

  async #drawing(size: LabelSize, { qr }: LabelLayout) {
    const { origin, siteName } = this.#dependencies
    const document = await openDocument(`Millwright labels, ${siteName()}`)
    const measure = measureWith(document)
    const at = origin()
    const draw = (gateway: LabelledGateway): LabelDrawing => {
      const drawing = layOut(gateway, qrText(qr, gateway, at), size, measure)
      if (drawing === null) throw tooSmall(gateway, size)
      return drawing
    }
    return { document, draw }
  }

  async #choose(scope: TenantScope, order: LabelOrder): Promise<LabelledGateway[]> {
    const gateways =
      order.gateways === undefined
        ? await this.#matching(scope, order)
        : await this.#named(scope, order.gateways, order.tenant)
    if (gateways.length === 0) throw new ExpectedError('labels_none')
    requireFew(gateways.length * order.copies)
    return gateways
  }

  async #matching(scope: TenantScope, order: LabelOrder): Promise<LabelledGateway[]> {
    const { tenant, group, state, search, copies } = order
    const all: LabelledGateway[] = []
    let after: string | undefined
    do {
      const page = await this.#dependencies.fleet.list(scope, {
        tenant,
        group,
        state,
        search,
        limit: 1_000,
        after,
      })
      all.push(...page.gateways)
      requireFew(all.length * copies)
      after = page.next ?? undefined
    } while (after !== undefined)
    return all
  }

  /** In the order given, each once. */
  async #named(
    scope: TenantScope,
    references: readonly string[],
    tenant: string | undefined,
  ): Promise<LabelledGateway[]> {
    const { db, fleet } = this.#dependencies
    const tenantId = tenant === undefined ? null : await fleet.tenantId(scope, tenant)
    const wanted = [...new Set(references)]
    const found = await gatewaysNamed(db, scope, { references: wanted, tenantId })
    const byId = new Map(found.map((gateway) => [gateway.id, gateway]))
    const byCode = Map.groupBy(found, ({ code }) => code)
    const chosen = wanted.map((reference) => {
      const [first, ...others] = byId.has(reference) ? [byId.get(reference)] : (byCode.get(reference) ?? [])
      if (first === undefined) throw new ExpectedError('not_found', { what: 'gateway', id: reference })
      if (others.length === 0) return first
      const id = `${reference}: several tenants use this code, say which tenant`
      throw new ExpectedError('not_found', { what: 'single gateway', id })
    })
    return [...new Set(chosen)]
  }
}

function placed(size: LabelSize, gateways: readonly LabelledGateway[], { copies, start }: LabelLayout) {
  const labels = gateways.flatMap((gateway) => Array.from({ length: copies }, () => gateway))
  return sheets(size, labels, start)
}

function tooSmall({ code }: LabelledGateway, { product }: LabelSize): ExpectedError {
  return new ExpectedError('label_too_small', { code, size: product })
}

/** @throws ExpectedError `input_invalid` */
function requirePlace(size: LabelSize, start: number): void {
  if (start > labelsOn(size))
    throw new ExpectedError('input_invalid', { issues: `start: there are ${labelsOn(size)} labels` })
}

/** @throws ExpectedError `labels_too_many` */
function requireFew(count: number): void {
  if (count > LABELS_MOST) throw new ExpectedError('labels_too_many', { count, most: LABELS_MOST })
}

/** Laid out as they are needed, each gateway once: copies stand one after the other. */
async function* drawn(
  pages: Iterable<SheetPlace<LabelledGateway>[]>,
  draw: (gateway: LabelledGateway) => LabelDrawing,
  turns: Turns,
): AsyncGenerator<SheetPlace<LabelDrawing>[], undefined> {
  let last = null as { gateway: LabelledGateway; drawing: LabelDrawing } | null
  for (const places of pages) {
    const page: SheetPlace<LabelDrawing>[] = []
    for (const { item, ...place } of places) {
      if (last?.gateway !== item) last = { gateway: item, drawing: draw(item) }
      page.push({ item: last.drawing, ...place })
      await turns.give()
    }
    yield page
  }
}

/** For the audit: few by name, many by number. */
function codesOf(gateways: readonly LabelledGateway[]): string[] | number {
  return gateways.length <= 20 ? gateways.map(({ code }) => code) : gateways.length
}
