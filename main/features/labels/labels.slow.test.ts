import jsQR from 'jsqr'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labelSize, labelSizeNames, labelsOn } from '#contract/model/label.ts'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { FleetService, FleetState } from '#features/fleet/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { escapeField } from './label-zpl.ts'
import { type LabelOrder, LabelsService } from './labels.service.ts'
import { drawPart, pageContents } from './pdf-picture.fixture.ts'

const POINTS = 72 / 25.4
const all: TenantScope = { all: true }
const asked: LabelOrder = {
  format: 'pdf',
  size: 'a4-24',
  qr: 'label',
  copies: 1,
  start: 1,
  resolution: 203,
}

let db: SiteDb
let labels: LabelsService

beforeAll(async () => {
  db = await openSiteDb(':memory:')
  const clock = { now: () => 1_000 }
  const tenants = new TenantsService(db, clock)
  const unused = null as never
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const fleet = new FleetService({
    db,
    clock,
    audit,
    tenants,
    state: new FleetState(),
    policy: unused,
    revoker: unused,
  })
  labels = new LabelsService({
    db,
    fleet,
    origin: () => 'https://plant.local:8443',
    siteName: () => 'Plant 1',
  })
  await addGateways()
})
afterAll(() => db.destroy())

/** `north` has 40, of which GW003 has an awkward name; `south` has one that shares the code GW001. */
async function addGateways(): Promise<void> {
  const tenant = (id: string) => ({ id, slug: id, name: id, state: 'active' as const, createdAt: 0 })
  await db
    .insertInto('tenants')
    .values([tenant('north'), tenant('south')])
    .execute()
  const names = new Map([[3, '^XZ^XA~JR_5E Котельная <№ 3> & "pump"\n水']])
  const gateway = (tenantId: string, n: number, code: string) => ({
    id: `${tenantId}-${n}`,
    tenantId,
    code,
    name: names.get(n) ?? `Boiler ${n}`,
    label: `${tenantId === 'north' ? 'ESP' : 'ESM'}-${String(n).padStart(6, '0')}`,
    mac:
      n % 2 === 0
        ? null
        : `24:6f:28:00:00:${n.toString(16).padStart(2, '0')}${tenantId === 'north' ? '' : 'f'}`,
    platform: null,
    hardwareRevision: null,
    firmwareVersion: null,
    maxDevices: 8,
    metadata: '{}',
    state: 'claimed' as const,
    dialect: 'canonical',
    credential: 'certificate' as const,
    groupId: null,
    ownerUserId: null,
    assignmentId: null,
    profileId: null,
    createdAt: 0,
  })
  await db
    .insertInto('gateways')
    .values([
      ...Array.from({ length: 40 }, (_, n) => gateway('north', n + 1, `GW${String(n + 1).padStart(3, '0')}`)),
      gateway('south', 1, 'GW001'),
    ])
    .execute()
}

function make(order: Partial<LabelOrder>, scope: TenantScope = all): Promise<File> {
  const actor = { kind: 'local' as const, id: null, name: 'test' }
  const draft = new AuditDraft({ actor, action: 'label.make', address: '127.0.0.1', requestId: null })
  return labels.make(scope, { ...asked, ...order }, draft)
}

/** What phones would read from the label at a place of a page. */
function readLabel(content: string, name: LabelOrder['size'], place: number): string | null {
  const size = labelSize(name)
  const picture = drawPart(content, {
    x: (size.left + (place % size.columns) * size.pitchX) * POINTS,
    y: (size.top + Math.floor(place / size.columns) * size.pitchY) * POINTS,
    width: size.width * POINTS,
    height: size.height * POINTS,
  })
  return jsQR(picture.pixels, picture.width, picture.height)?.data ?? null
}

describe('a PDF of labels', () => {
  test('fills its sheets from the place that is given, and each QR code is read back from the page', async () => {
    const file = await make({ tenant: 'north', start: 4 })
    expect([file.name, file.type]).toEqual(['labels-a4-24.pdf', 'application/pdf'])
    const pdf = new Uint8Array(await file.arrayBuffer())
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
    const pages = pageContents(pdf)
    expect(pages).toHaveLength(2)
    const [first = '', second = ''] = pages
    expect(readLabel(first, 'a4-24', 2)).toBeNull()
    expect(readLabel(first, 'a4-24', 3)).toBe('ESP-000001')
    expect(readLabel(first, 'a4-24', 23)).toBe('ESP-000021')
    expect(readLabel(second, 'a4-24', 0)).toBe('ESP-000022')
    expect(readLabel(second, 'a4-24', 18)).toBe('ESP-000040')
    expect(readLabel(second, 'a4-24', 19)).toBeNull()
  })

  test('makes as many copies as asked for, beside each other, in the order given and each gateway once', async () => {
    const file = await make({ gateways: ['GW003', 'north-2', 'GW002'], copies: 2, tenant: 'north' })
    const [page = ''] = pageContents(new Uint8Array(await file.arrayBuffer()))
    const read = [0, 1, 2, 3, 4].map((place) => readLabel(page, 'a4-24', place))
    expect(read).toEqual(['ESP-000003', 'ESP-000003', 'ESP-000002', 'ESP-000002', null])
  })

  test.each(labelSizeNames)('stays inside the label on %s, and is read back', async (size) => {
    const file = await make({ gateways: ['GW003'], size })
    const [page = ''] = pageContents(new Uint8Array(await file.arrayBuffer()))
    expect(readLabel(page, size, 0)).toBe('ESP-000003')
    const { left, top, width, height } = labelSize(size)
    for (const [, x = '', y = ''] of page.matchAll(/^1 0 0 1 (-?[\d.]+) (-?[\d.]+) Tm$/gm)) {
      expect(Number(x) / POINTS).toBeGreaterThan(left)
      expect(Number(x) / POINTS).toBeLessThan(left + width)
      const baseline = labelSize(size).paperHeight - Number(y) / POINTS
      expect(baseline).toBeGreaterThan(top)
      expect(baseline).toBeLessThan(top + height)
    }
  })

  test('holds the address of the gateway at this site, or its names as JSON, where asked for', async () => {
    const read = async (qr: LabelOrder['qr']) => {
      const file = await make({ gateways: ['north-3'], qr, size: 'roll-100x50' })
      return readLabel(pageContents(new Uint8Array(await file.arrayBuffer()))[0] ?? '', 'roll-100x50', 0)
    }
    expect(await read('url')).toBe('https://plant.local:8443/label/ESP-000003')
    expect(JSON.parse((await read('json')) ?? '')).toEqual({
      id: 'north-3',
      label: 'ESP-000003',
      mac: '24:6f:28:00:00:03',
      code: 'GW003',
    })
  })

  test('is refused where the QR code would be too fine to read', async () => {
    await expect(make({ gateways: ['north-3'], qr: 'json', size: 'a4-189' })).rejects.toMatchObject({
      code: 'label_too_small',
      data: { code: 'GW003', size: 'Avery L4731' },
    })
  })
})

describe('labels for label printers', () => {
  test('are ZPL II with one label a gateway', async () => {
    const file = await make({
      gateways: ['north-1', 'north-2'],
      format: 'zpl',
      size: 'roll-50x25',
      copies: 3,
    })
    const zpl = await file.text()
    expect(zpl.match(/\^XA/g)).toHaveLength(2)
    expect(zpl.match(/\^PQ3\n\^XZ/g)).toHaveLength(2)
    expect(zpl).toContain('^PW400^LL200')
    expect(zpl).toMatch(/\^FO\d+,\d+\^BQN,2,6\^FH_\^FDMA,ESP-000001\^FS/)
    expect(zpl).toContain('^FDGW001^FS')
  })

  test('take a name as text whatever it holds', async () => {
    const file = await make({ gateways: ['north-3'], format: 'zpl', size: 'roll-100x50' })
    const zpl = await file.text()
    const commands = zpl.replaceAll(/\^FD.*?\^FS/g, '').match(/[\^~][A-Z@]{1,2}/g)
    expect(new Set(commands)).toEqual(
      new Set(['^XA', '^CI', '^LH', '^PW', '^LL', '^FO', '^BQ', '^FH', '^FT', '^A', '^PQ', '^XZ']),
    )
    const printed = [...zpl.matchAll(/\^FH_\^FD(.*?)\^FS/g)].map(([, field = '']) => unescapeField(field))
    expect(printed.join(' ')).toContain('^XZ^XA~JR_5E')
    expect(printed.join(' ')).toContain('Котельная <№ 3> & "pump"')
  })

  test('are refused on sheets', async () => {
    await expect(make({ format: 'zpl', size: 'a4-24' })).rejects.toMatchObject({ code: 'label_format_unfit' })
  })

  test('escape every byte that could mean something to the printer', () => {
    for (let code = 0; code < 0x80; code++) {
      const char = String.fromCharCode(code)
      expect(unescapeField(escapeField(char))).toBe(char)
      if (!/[A-Za-z0-9 .:/-]/.test(char)) expect(escapeField(char)).toMatch(/^_[0-9A-F]{2}$/)
    }
    expect(unescapeField(escapeField('水 ñ 😀'))).toBe('水 ñ 😀')
  })
})

describe('a picture of the first sheet', () => {
  test('is SVG that holds names as text', async () => {
    const svg = await labels.preview(all, { ...asked, gateways: ['north-3'] })
    expect(svg).toContain('&lt;№ 3&gt;')
    expect(svg).not.toContain('<№')
    expect(svg.match(/<rect /g)).toHaveLength(1 + labelsOn(labelSize('a4-24')))
  })
})

describe('choosing gateways', () => {
  test('finds what the caller may see, and nothing else', async () => {
    await expect(make({ gateways: ['north-1'] }, wholeTenant('south'))).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(make({ tenant: 'north' }, wholeTenant('south'))).rejects.toMatchObject({
      code: 'tenant_unknown',
    })
    const mine = await make({ gateways: ['GW001'] }, wholeTenant('south'))
    expect(mine.name).toBe('labels-ESM-000001.pdf')
  })

  test('asks which tenant is meant where several use a code', async () => {
    await expect(make({ gateways: ['GW001'] })).rejects.toMatchObject({
      code: 'not_found',
      data: { what: 'single gateway' },
    })
    expect((await make({ gateways: ['GW001'], tenant: 'south' })).name).toBe('labels-ESM-000001.pdf')
  })

  test('says so where there is nothing, too much, or no such place on the sheet', async () => {
    await expect(make({ search: 'nothing like it' })).rejects.toMatchObject({ code: 'labels_none' })
    await expect(make({ tenant: 'north', copies: 200 })).rejects.toMatchObject({
      code: 'labels_too_many',
      data: { count: 8_000, most: 5_000 },
    })
    await expect(make({ size: 'letter-30', start: 31 })).rejects.toMatchObject({ code: 'input_invalid' })
  })
})

/** What a printer makes of a field's data under ^FH_ and ^CI28. */
function unescapeField(field: string): string {
  const bytes = [...field.matchAll(/_([0-9A-F]{2})|([^_])/g)].map(([, hex, char = '']) =>
    hex === undefined ? char.charCodeAt(0) : Number.parseInt(hex, 16),
  )
  return Buffer.from(bytes).toString('utf8')
}
