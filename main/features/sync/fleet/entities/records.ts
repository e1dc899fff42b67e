import { sql } from 'kysely'
import type { CloudRow, Entity, FleetNames, LocalObject } from '../entity.ts'
import { moment } from '../moments.ts'
import { listed } from './listed.ts'

/** Sent, and never taken. */
const record = {
  key: [{ column: 'id', type: 'uuid' as const }],
  twoWay: [],
  seen: ['site_id'],
  keyOf: (id: string) => ({ id }),
  idOf: (row: CloudRow) => String(row['id']),
  isOurs: (row: CloudRow, { siteId }: FleetNames) => row['site_id'] === siteId,
}

/** Whose a gateway was, from when to when: of its own tenant, wherever the gateway is now. */
export const assignments: Entity = {
  ...record,
  name: 'assignment',
  table: 'assignments',
  up: ['tenant_id', 'group_id', 'owner_user_id', 'to_at', 'code'],
  once: ['gateway_id', 'site_id', 'from_at'],
  async read(db, ids, names) {
    const rows = await db.selectFrom('assignments').selectAll().where('id', 'in', listed(ids)).execute()
    const found = new Map<string, LocalObject>()
    for (const row of rows) {
      const { id, tenantId } = row
      const tenant = names.cloudTenantOf(tenantId)
      if (tenant === null) continue
      const columns = {
        id,
        gateway_id: row.gatewayId,
        tenant_id: tenant,
        site_id: names.siteId,
        group_id: row.groupId,
        owner_user_id: row.ownerUserId,
        from_at: moment(row.fromAt),
        to_at: moment(row.toAt),
        code: row.code,
      }
      found.set(id, { tenantId, columns })
    }
    return found
  },
}

export const channels: Entity = {
  ...record,
  name: 'channel',
  table: 'channels',
  up: ['title', 'unit', 'kind', 'low_limit', 'high_limit', 'deleted_at'],
  once: ['site_id', 'tenant_id', 'gateway_id', 'assignment_id', 'name', 'created_at'],
  whenGone: 'deleted_at = now()',
  async read(db, ids, names) {
    const rows = await db.selectFrom('channels').selectAll().where('id', 'in', listed(ids)).execute()
    const found = new Map<string, LocalObject>()
    for (const row of rows) {
      const { id, tenantId } = row
      const tenant = names.cloudTenantOf(tenantId)
      if (tenant === null) continue
      const columns = {
        id,
        site_id: names.siteId,
        tenant_id: tenant,
        gateway_id: row.gatewayId,
        assignment_id: row.assignmentId,
        name: row.key,
        title: row.name,
        unit: row.unit,
        kind: row.kind,
        low_limit: row.lowLimit,
        high_limit: row.highLimit,
        created_at: moment(row.createdAt),
        deleted_at: null,
      }
      found.set(id, { tenantId, columns })
    }
    return found
  },
}

/** The public part, of gateways. */
export const certificates: Entity = {
  ...record,
  name: 'certificate',
  table: 'certificates',
  up: ['tenant_id', 'state', 'revoked_at', 'revocation_reason'],
  once: [
    'site_id',
    'gateway_id',
    'kind',
    'serial',
    'key_algorithm',
    'fingerprint',
    'not_before',
    'not_after',
    'created_at',
    'subject',
    'pem',
  ],
  async read(db, ids, names) {
    const rows = await db
      .selectFrom('certificates')
      .innerJoin('gateways', 'gateways.id', 'certificates.gatewayId')
      .selectAll('certificates')
      .select('gateways.tenantId')
      .where('certificates.id', 'in', listed(ids))
      // Not by its index: almost all are of this kind.
      .where(sql<string>`+certificates.kind`, '=', 'gateway')
      .execute()
    const found = new Map<string, LocalObject>()
    for (const row of rows) {
      const { id, tenantId } = row
      const tenant = names.cloudTenantOf(tenantId)
      if (tenant === null) continue
      const columns = {
        id,
        site_id: names.siteId,
        tenant_id: tenant,
        gateway_id: row.gatewayId,
        kind: row.kind,
        serial: row.serial,
        subject: row.subject,
        key_algorithm: row.keyAlgorithm,
        fingerprint: row.fingerprint,
        not_before: moment(row.notBefore),
        not_after: moment(row.notAfter),
        state: row.state,
        revoked_at: moment(row.revokedAt),
        revocation_reason: row.revocationReason,
        created_at: moment(row.createdAt),
        pem: row.pem,
      }
      found.set(id, { tenantId, columns })
    }
    return found
  },
}
