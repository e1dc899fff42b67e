import { expect, test } from 'vitest'
import { type ExportDependencies, ExportService } from './export.service.ts'

test('more channels than an export takes are refused, and none is left out', async () => {
  const channels = Array.from({ length: 10_001 }, (_, n) => ({
    row: { id: `${n}`, key: `c${n}`, tenantId: 't' },
  }))
  const service = new ExportService({
    telemetry: { channels: async () => channels, view: () => ({ gatewayCode: 'GW001' }) },
    clock: { now: () => 1_800_000_000_000 },
  } as unknown as ExportDependencies)
  const asked = { format: 'csv', layout: 'long', functions: ['avg'], raw: false } as const
  const stream = service.stream({ all: true }, { ...asked, functions: ['avg'] }, new AbortController().signal)
  await expect(stream).rejects.toMatchObject({
    code: 'export_too_many_channels',
    data: { count: 10_001, most: 10_000 },
  })
})
