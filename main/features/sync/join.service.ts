import { ExpectedError } from '#contract/errors.ts'
import type { CloudLimits, CloudLogin, CloudPreview, CloudTenantChoice } from '#contract/model/cloud.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import type { TelemetryPart } from './cloud-parts.ts'
import { type Answer, adopt, hello, offerTenant } from './link/cloud-calls.ts'
import type { CloudLink } from './link/cloud-link.ts'
import { addressOf, destinationOf, sealLogin } from './link/cloud-login.ts'
import { type CloudLook, lookAt } from './link/cloud-look.ts'
import { installationToken, timeText } from './link/handshake.ts'
import * as repository from './link/link.repository.ts'
import { measure } from './link/measure.ts'
import { withCloud } from './link/one-connection.ts'
import { objectsOf } from './link/site-counts.ts'
import type { CheckedChoice, TenantChoices } from './tenant-choices.ts'

export interface JoinDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  version: string
  sealer(): Sealer
  link: CloudLink
  telemetry: TelemetryPart
  choices: TenantChoices
  /** The newest reading that is stored: those after it are live ones. */
  newestReading(): Promise<number>
}

export type JoinDraft = CloudLogin & {
  tenants: CloudTenantChoice[]
  /** This installation takes the place of another that used the login. */
  takeOver?: boolean
  limits?: { [K in keyof CloudLimits]?: CloudLimits[K] | undefined } | undefined
}

/** Rows a second that a cloud takes besides what the line allows, about. */
const ROWS_PER_SECOND = 50_000
/** A copy of the site that spoke within this time is alive, ms. */
const ALIVE = 3 * 60_000

/** Joining a cloud: looked at first, and nothing leaves before a person says so. */
export class JoinService {
  readonly #dependencies: JoinDependencies

  constructor(dependencies: JoinDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * What would happen. Connects and reads; writes nothing, here or there.
   * @throws ExpectedError `cloud_…`, `tenant_unknown`
   */
  async preview(draft: JoinDraft, audit: AuditDraft): Promise<CloudPreview> {
    const { choices, clock } = this.#dependencies
    await this.#refuseJoined()
    const destination = destinationOf(draft)
    const { host, port, database, username, insideNetwork } = destination
    audit.about('cloud', host, null, { host, port, database, username, insideNetwork })
    const chosen = await choices.checked(draft.tenants)
    return withCloud(destination, 'looking at the cloud', async (connection) => {
      const look = await lookAt(connection, destination)
      const { roundTrip, bytesPerSecond } = await measure(connection)
      const offset = await this.#clockOffset(connection, roundTrip)
      const tenants = await this.#estimates(chosen, look.sharedTenants)
      const bytes = tenants.reduce((sum, tenant) => sum + tenant.bytes, 0)
      const readings = tenants.reduce((sum, tenant) => sum + tenant.readings, 0)
      const allowed = Math.min(bytesPerSecond, draft.limits?.bytesPerSecond ?? Number.POSITIVE_INFINITY)
      const { certificate } = connection
      return {
        address: addressOf(destination),
        siteName: look.siteName,
        serverVersion: connection.serverVersion,
        storage: look.storage,
        schemaVersion: look.schemaVersion,
        certificate: {
          subject: oneLine(certificate?.subject ?? ''),
          issuer: oneLine(certificate?.issuer ?? ''),
          fingerprint: certificate?.fingerprint256 ?? '',
          notAfter: Date.parse(certificate?.validTo ?? '') || clock.now(),
        },
        lastUsed: look.lastSeenAt === null ? null : { at: look.lastSeenAt, version: look.appVersion },
        roundTrip,
        clockOffset: offset,
        sharedTenants: look.sharedTenants,
        tenants,
        seconds: Math.ceil(Math.max(bytes / allowed, readings / ROWS_PER_SECOND)),
      }
    })
  }

  /**
   * From now on data is sent. The cloud is told first; a power cut before the link is on disk here leaves tenants
   * offered and nothing else, and joining again works.
   * @throws ExpectedError `cloud_…`, `tenant_unknown`
   */
  async join(draft: JoinDraft, by: string, audit: AuditDraft): Promise<void> {
    const { choices, db, clock, link } = this.#dependencies
    await this.#refuseJoined()
    const destination = destinationOf(draft)
    const chosen = await choices.checked(draft.tenants)
    const { host, port, database, username } = destination
    audit.about('cloud', host, null, {
      host,
      port,
      database,
      username,
      insideNetwork: destination.insideNetwork,
      ownCa: destination.caCertificate !== null,
      tenants: chosen.map(({ tenantId, mode, fromAt, cloudTenantId }) => ({
        tenantId,
        mode,
        fromAt,
        cloudTenantId,
      })),
      ...(draft.limits && { limits: draft.limits }),
      ...(draft.takeOver === true && { takeOver: true }),
    })
    const joined = await withCloud(
      destination,
      'joining',
      async (connection) => {
        const look = await lookAt(connection, destination)
        const token = installationToken(this.#dependencies.sealer(), look)
        const greeted = await this.#enter(connection, look, { token, takeOver: draft.takeOver === true })
        await offerAll(connection, chosen)
        return { look, token, greeted }
      },
      // Each tenant is a way there and back, and the way may be long.
      JOINING + chosen.length * 1_000,
    )
    const newest = await this.#dependencies.newestReading()
    await db.transaction().execute(async (trx) => {
      // Two people may have joined at the same moment.
      const other = await repository.linkRow(trx)
      if (other) throw new ExpectedError('cloud_joined_already', { host: other.host })
      const now = clock.now()
      const login = await sealLogin(trx, { destination, sealer: this.#dependencies.sealer(), now })
      const limits = draft.limits
      await repository.insertLink(trx, {
        id: 1,
        ...login,
        cloudId: joined.look.cloudId,
        siteId: joined.look.siteId,
        siteKey: joined.greeted.siteKey,
        siteName: joined.greeted.siteName,
        generation: joined.greeted.generation,
        token: joined.token,
        tailSeq: newest,
        bytesPerSecond: limits?.bytesPerSecond ?? null,
        windowFrom: limits?.window?.from ?? null,
        windowTo: limits?.window?.to ?? null,
        sendsPasswordHashes: limits?.sendsPasswordHashes === true ? 1 : 0,
        takesTenants: limits?.takesTenants === true ? 1 : 0,
        joinedAt: now,
        joinedByName: by,
        lastContactAt: now,
      })
      await choices.put(trx, chosen, by)
      await this.#dependencies.audit.recordIn(trx, audit)
    })
    await link.start()
  }

  /**
   * This copy of the site becomes the linked one; in the place of another only where a person says so and that one is silent.
   * @throws ExpectedError `cloud_login_used`
   */
  async #enter(
    connection: CloudConnection,
    look: CloudLook,
    { token, takeOver }: { token: string; takeOver: boolean },
  ): Promise<Answer & { result: 'ok' }> {
    const { version, clock } = this.#dependencies
    const said = () =>
      hello(connection, {
        siteId: look.siteId,
        tokens: [token],
        newToken: token,
        version,
        now: clock.now(),
      })
    let answer = await said()
    if (answer.result === 'copied') {
      const seenAt = answer.lastSeenAt === null ? 0 : Date.parse(answer.lastSeenAt)
      if (!takeOver || answer.cloudNow - seenAt < ALIVE)
        throw new ExpectedError('cloud_login_used', { site: look.siteName, at: timeText(answer.lastSeenAt) })
    }
    // It has been here: it left with or without the cloud hearing of it, and its store may be an older one by now, or its
    // disk is gone. What it sends counts above what is there.
    if (answer.result !== 'unknown_site' && look.lastSeenAt !== null) {
      await adopt(connection, look.siteId, token)
      answer = await said()
    }
    if (answer.result !== 'ok') throw new ExpectedError('cloud_role_unknown', { username: look.siteName })
    return answer
  }

  async #refuseJoined(): Promise<void> {
    const link = await repository.linkRow(this.#dependencies.db)
    if (link) throw new ExpectedError('cloud_joined_already', { host: link.host })
  }

  async #clockOffset({ client }: CloudConnection, roundTrip: number): Promise<number> {
    const { rows } = await client.query<{ now: string }>(
      'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
    )
    return Math.round(this.#dependencies.clock.now() - roundTrip / 2 - Number(rows[0]?.now ?? 0))
  }

  async #estimates(
    chosen: readonly CheckedChoice[],
    shared: CloudLook['sharedTenants'],
  ): Promise<CloudPreview['tenants']> {
    const { db, telemetry } = this.#dependencies
    const estimates: CloudPreview['tenants'] = []
    for (const { tenantId, slug, name, mode, fromAt, cloudTenantId } of chosen) {
      const objects = mode === 'off' ? 0 : await objectsOf(db, tenantId)
      const { readings, bytes } =
        mode === 'telemetry' ? await telemetry.estimate(tenantId, fromAt) : { readings: 0, bytes: 0 }
      const linkedWith = shared.find(({ id }) => id === cloudTenantId && id !== tenantId) ?? null
      const about = { objects, readings, bytes: bytes + objects * OBJECT_BYTES }
      estimates.push({ tenantId, slug, name, mode, fromAt, linkedWith, ...about })
    }
    return estimates
  }
}

/** @throws ExpectedError `cloud_tenant_refused` */
async function offerAll(connection: CloudConnection, chosen: readonly CheckedChoice[]): Promise<void> {
  for (const { mode, cloudTenantId, slug, name } of chosen) {
    if (mode === 'off') continue
    if ((await offerTenant(connection, { id: cloudTenantId, slug, name, mode })) === 'refused')
      throw new ExpectedError('cloud_tenant_refused', { tenant: name })
  }
}

/** What joining may take besides its tenants, ms. */
const JOINING = 60_000
/** An object of the fleet on the wire, about. */
const OBJECT_BYTES = 600

/** `CN=db.example, O=Head office`, of a name that has a line for each part. */
function oneLine(name: string): string {
  return name.split('\n').join(', ').slice(0, 300)
}
