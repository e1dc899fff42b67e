import { ExpectedError } from '#contract/errors.ts'
import type { LabelSizeName } from '#contract/model/label.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import { ROW_WIDTH } from '#contract/model/reading-batch.ts'
import { auditActor, localSiteAdmin, wholeTenant } from '#features/access/index.ts'
import { AuditDraft } from '#features/audit/index.ts'
import { type PreparedIdentity, profileOf } from '#features/enrollment/index.ts'
import type { BundlesService } from '#features/firmware/index.ts'
import type { Contacts, FirmwareSource, GatewayReach } from '#features/flashing/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import { readCsr } from '#features/pki/index.ts'
import { readingAt } from '#features/telemetry/index.ts'
import { buildNvs, readNvs } from '#firmware/nvs/index.ts'
import { requireFit } from '#firmware/targets/partition-table.ts'
import type { FlashingServicesDependencies } from './flashing-services.ts'
import { readLayout } from './read-layout.ts'

/** What the bench asks of the rest of a site. */
export function flashingPorts(dependencies: FlashingServicesDependencies) {
  const { db, site, state, pki, historian, registry, tenants, clock, enrolling } = dependencies
  const { directory, labels } = enrolling
  const uris = (credential: PreparedIdentity['choice']['credential']) =>
    directory.hosts().map((host) => {
      const name = host.includes(':') ? `[${host}]` : host
      return `mqtts://${name}:${directory.portFor(credential)}`
    })
  return {
    buildNvs,
    readNvs: (image: Uint8Array) => readNvs(image, { mode: 'lenient' }),
    requireFit,
    readLayout,
    readCsr,
    reachOf: async (identity: PreparedIdentity): Promise<GatewayReach> => ({
      brokerUris: uris(identity.choice.credential),
      caPem: await pki.caPem(),
      tenant: await tenantName(dependencies, identity),
    }),
    brokerAddress: () => uris('certificate').join(', '),
    certificateOf: async (gatewayId: string) =>
      (await pki.gatewayCertificate(db, gatewayId))?.certificatePem ?? null,
    secretOf: async (gatewayId: string) => {
      const row = await db
        .selectFrom('gatewaySecrets')
        .select('id')
        .where('gatewayId', '=', gatewayId)
        .where('state', '=', 'active')
        .orderBy('createdAt', 'desc')
        .executeTakeFirst()
      return row?.id ?? null
    },
    isOnline: (gatewayId: string) => state.row(gatewayId)?.online ?? false,
    labels: {
      zpl: async (gatewayId: string, tenantId: string, size: string) => {
        const actor = auditActor(localSiteAdmin)
        const draft = new AuditDraft({ actor, action: 'label.make', address: '', requestId: null })
        const order = { qr: 'url', copies: 1, start: 1, resolution: 203, format: 'zpl' } as const
        const file = await labels.make(
          wholeTenant(tenantId),
          { ...order, gateways: [gatewayId], size: size as LabelSizeName },
          draft,
        )
        return new Uint8Array(await file.arrayBuffer())
      },
    },
    profileName: async (tenantId: string, reference: string) =>
      (await profileOf(db, tenantId, reference)).name,
    requireRoom: async (tenantId: string) => {
      const { name, gatewayQuota } = await tenants.resolve({ all: true }, tenantId)
      const quota = gatewayQuota ?? defaultQuotas.gateways
      const count = await gatewaysRepository.countOfTenant(db, tenantId)
      if (count >= quota) throw new ExpectedError('quota_gateways', { tenant: name, count, quota })
    },
    today: () => {
      const timeZone = site.plantCalendar().timeZone.name
      return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(clock.now())
    },
    /** Tells of readings that are stored, while somebody waits for any. */
    hearReadings: (contacts: Contacts) => {
      historian.onCommitted((batch) => {
        if (contacts.isIdle) return
        for (let r = 0; r < batch.rows.length / ROW_WIDTH; r++) {
          const channel = registry.bySeries(batch.rows[r * ROW_WIDTH] ?? -1)
          if (!channel || !contacts.isWaitedFor(channel.row.gatewayId)) continue
          const { gatewayId, key, name, unit } = channel.row
          const { value, ts: at } = readingAt(batch, r)
          contacts.heard({ gatewayId, key, name: name ?? key, unit, value, at })
        }
      })
    },
  }
}

/** What topics of its dialect call the tenant; null where they do not. */
async function tenantName(
  { db, enrolling }: FlashingServicesDependencies,
  { gatewayId, mac, label, tenantId, choice }: PreparedIdentity,
): Promise<string | null> {
  const known = await gatewaysRepository.gatewayById(db, { all: true }, gatewayId)
  const aliases = known?.aliases ?? '{}'
  const { dialect, credential } = choice
  const topics = enrolling.directory.topicsOf({
    id: gatewayId,
    mac,
    label,
    tenantId,
    dialect,
    credential,
    aliases,
  })
  const name = (JSON.parse(aliases) as { tenant?: string }).tenant ?? tenantId
  return Object.values(topics).some((topic) => topic.split('/').includes(name)) ? name : null
}

/** Bundles as boards get them. */
export function firmwareSource(bundles: BundlesService): FirmwareSource {
  return {
    open: (bundleId, chip, revision, tenantId) => bundles.open(bundleId, chip, revision, tenantId),
    requireIn: (trx, tenantId, bundleId) => bundles.requireIn(trx, tenantId, bundleId),
    describe: async (bundleId, tenantId) => {
      const { name, version, trust, chips, makesKeys } = await bundles.choose(tenantId, bundleId)
      return { name, version, signature: trust, chips, makesKeys }
    },
  }
}
