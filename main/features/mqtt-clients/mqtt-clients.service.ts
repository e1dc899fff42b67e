import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { MqttClient, MqttCredentials, MqttRights } from '#contract/api/mqtt-clients.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, type PersonActor, scopeOf, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { isSignInName } from '#features/fleet/index.ts'
import type { ClientCertificate, Pki } from '#features/pki/index.ts'
import { findGroup, requireGroup, slugOf, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { fieldsOf, givenFields, type MqttClientChanges } from './client-changes.ts'
import type { ClientPolicies } from './client-policies.ts'
import { requireReaches, requireRights, seesClient } from './client-rights.ts'
import { clientView } from './client-view.ts'
import * as repository from './mqtt-clients.repository.ts'

const DAY = 24 * 3_600_000
/** Of one tenant: each is a session's worth of the broker's memory. */
const MOST_CLIENTS = 1_000

export interface MqttClientsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  pki: Pki
  policies: ClientPolicies
  /** What is kept of a password: the broker compares with the same. `salt` in hex. */
  hashPassword(password: string, salt: string): string
}

export interface NewMqttClient {
  name: string
  username?: string | undefined
  tenant?: string | undefined
  group?: string | undefined
  rights: MqttRights
  topics: string[]
  credentials: 'password' | 'certificate' | 'both'
  expiresInDays: number | null
}

export interface GivenClient {
  client: MqttClient
  credentials: MqttCredentials
}

/** Users of the broker that are no gateways. Their passwords and keys are shown once; salted hashes are kept. */
export class MqttClientsService {
  readonly #dependencies: MqttClientsDependencies
  /** User names are found free, and taken, by one at a time. */
  readonly #inTurn = oneAtATime()

  constructor(dependencies: MqttClientsDependencies) {
    this.#dependencies = dependencies
  }

  /** Those that reach no further than the caller. @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<MqttClient[]> {
    const { db, tenants } = this.#dependencies
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const rows = await repository.allClients(db)
    const seen = rows.filter(
      (row) => seesClient(scope, row) && (tenantId === null || row.tenantId === tenantId),
    )
    return Promise.all(seen.map((row) => this.#view(row)))
  }

  /**
   * It reaches no further, and may no more, than who makes it.
   * @throws ExpectedError `tenant_unknown`, `not_found`, `forbidden_reach`, `rights_beyond`, `mqtt_username_taken`, `too_many_mqtt_clients`
   */
  create(actor: Actor, asked: NewMqttClient, audit: AuditDraft): Promise<GivenClient> {
    return this.#inTurn(() => this.#create(actor, asked, audit))
  }

  async #create(actor: Actor, asked: NewMqttClient, audit: AuditDraft): Promise<GivenClient> {
    const { db, clock, tenants, audit: log, policies } = this.#dependencies
    const scope = scopeOf(actor)
    const { tenant, group } = asked
    const found = group === undefined ? null : await findGroup(tenants, scope, { group, tenant })
    const tenantId = found?.tenantId ?? (await tenants.resolve(scope, tenant)).id
    const belonging = { tenantId, groupId: found?.id ?? null, ownerUserId: null }
    const now = clock.now()
    const id = uuid7(now)
    const { name, rights, topics, credentials, expiresInDays } = asked
    audit.about('mqtt_client', id, tenantId, { name, rights })
    requireReaches(scope, belonging)
    requireRights(actor, rights)
    const username = asked.username ?? (await this.#freeUsername(slugOf(name, 'client')))
    const password = credentials === 'certificate' ? null : this.#newPassword()
    const certificate = credentials === 'password' ? null : await this.#newCertificate({ id, username })
    const expiresAt = expiresInDays === null ? null : now + expiresInDays * DAY
    await db.transaction().execute(async (trx) => {
      await this.#requireRoom(trx, tenantId)
      await this.#insert(trx, {
        ...belonging,
        id,
        name,
        username,
        ...(password && password.kept),
        rights,
        topics: JSON.stringify(topics),
        prefix: `clients/${username}`,
        state: 'active',
        createdAt: now,
        createdById: actor.kind === 'user' || actor.kind === 'api_key' ? actor.id : null,
        expiresAt,
      })
      if (certificate) await this.#dependencies.pki.storeClientCertificate(trx, certificate)
      const details = { name, username, rights, topics, group: belonging.groupId, credentials, expiresAt }
      await log.recordIn(trx, audit.about('mqtt_client', id, tenantId, details))
    })
    await policies.publish(id)
    return {
      client: await this.#read(id),
      credentials: await this.#given(password?.plain ?? null, certificate),
    }
  }

  /** @throws ExpectedError `not_found`, `forbidden_reach`, `rights_beyond`, `mqtt_client_personal` */
  async update(
    actor: Actor,
    reference: string,
    changes: MqttClientChanges,
    audit: AuditDraft,
  ): Promise<MqttClient> {
    const { db, tenants, audit: log, policies } = this.#dependencies
    const scope = scopeOf(actor)
    const { id, tenantId, ownerUserId, ownerName } = await this.#find(scope, reference)
    audit.about('mqtt_client', id, tenantId)
    const { group } = changes
    if (ownerUserId !== null && (group !== undefined || changes.rights !== undefined))
      throw new ExpectedError('mqtt_client_personal', { name: ownerName ?? '' })
    const groupId =
      group === undefined || group === null
        ? group
        : (await findGroup(tenants, scope, { group, tenant: tenantId })).id
    const given = givenFields(changes, groupId)
    const isChanged = await db.transaction().execute(async (trx) => {
      // As it is now: another call may have changed it meanwhile.
      const row = await this.#find(scope, id, trx)
      await requireGroup(trx, tenantId, groupId)
      if (groupId !== undefined) requireReaches(scope, { ...row, groupId })
      const before = fieldsOf(row)
      const after = { ...before, ...given }
      audit.details = { before, after }
      if (ownerUserId === null) requireRights(actor, after.rights)
      if (isDeepStrictEqual(before, after)) return false
      const { topics, ...fields } = given
      await repository.updateClient(trx, id, { ...fields, ...(topics && { topics: JSON.stringify(topics) }) })
      await log.recordIn(trx, audit)
      return true
    })
    if (isChanged) await policies.publish(id)
    else audit.nothingChanged()
    return this.#read(id)
  }

  /**
   * What it connected with before opens nothing from now on; live sessions of it end.
   * @throws ExpectedError `not_found`, `rights_beyond`, `mqtt_client_personal`
   */
  async rotate(
    actor: Actor,
    reference: string,
    what: 'password' | 'certificate',
    audit: AuditDraft,
  ): Promise<GivenClient> {
    const row = await this.#find(scopeOf(actor), reference)
    audit.about('mqtt_client', row.id, row.tenantId, { username: row.username, credentials: what })
    // Whoever gets hold of credentials acts with the rights behind them.
    if (row.ownerUserId === null) requireRights(actor, row.rights)
    else if (actor.kind !== 'user' || actor.id !== row.ownerUserId)
      throw new ExpectedError('mqtt_client_personal', { name: row.ownerName ?? '' })
    const given = await this.#renew(row, what, audit)
    return { client: await this.#read(row.id), credentials: given }
  }

  async #renew(
    row: repository.MqttClientRow,
    what: 'password' | 'certificate',
    audit: AuditDraft,
  ): Promise<MqttCredentials> {
    const { db, clock, pki, audit: log, policies } = this.#dependencies
    const password = what === 'password' ? this.#newPassword() : null
    const certificate = what === 'certificate' ? await this.#newCertificate(row) : null
    await db.transaction().execute(async (trx) => {
      if (password) await repository.updateClient(trx, row.id, password.kept)
      if (certificate) {
        await pki.revokeClientCertificates(trx, row.id, 'superseded', clock.now())
        await pki.storeClientCertificate(trx, certificate)
      }
      await log.recordIn(trx, audit)
    })
    await policies.renewed(row.id)
    if (certificate) await pki.refreshCrlIfDue(clock.now())
    return this.#given(password?.plain ?? null, certificate)
  }

  /** @throws ExpectedError `not_found`; `rights_beyond` where it is to go on */
  async setState(
    actor: Actor,
    reference: string,
    state: 'active' | 'suspended',
    audit: AuditDraft,
  ): Promise<MqttClient> {
    const row = await this.#find(scopeOf(actor), reference)
    const { id, tenantId, username, state: before } = row
    audit.about('mqtt_client', id, tenantId, { username, before, after: state })
    if (state === 'active' && row.ownerUserId === null) requireRights(actor, row.rights)
    if (before === state) {
      audit.nothingChanged()
      return this.#view(row)
    }
    return this.#change(row.id, { state }, audit)
  }

  /** With its kept sessions and retained messages; its certificates are revoked. @throws ExpectedError `not_found` */
  async delete(scope: TenantScope, reference: string, audit: AuditDraft): Promise<{ id: string }> {
    const { db, clock, pki, audit: log, policies } = this.#dependencies
    const row = await this.#find(scope, reference)
    const revoked = await db.transaction().execute(async (trx) => {
      const ended = await pki.revokeClientCertificates(trx, row.id, 'cessationOfOperation', clock.now())
      await repository.deleteClient(trx, row.id)
      await log.recordIn(trx, audit.about('mqtt_client', row.id, row.tenantId, fieldsOf(row)))
      return ended
    })
    await policies.publish(row.id)
    if (revoked > 0) await pki.refreshCrlIfDue(clock.now())
    return { id: row.id }
  }

  /** One's own, in the tenant that one acts in. @throws ExpectedError `not_found`, `tenant_unknown` */
  async own(actor: PersonActor): Promise<MqttClient> {
    const row = await repository.ownClient(this.#dependencies.db, actor.id, await this.#tenantOf(actor))
    if (!row) throw new ExpectedError('not_found', { what: 'MQTT credentials', id: 'of your own' })
    return this.#view(row)
  }

  /** Makes one's own, or gives them a new password. @throws ExpectedError `tenant_unknown`, `account_pending` */
  rotateOwn(actor: PersonActor, audit: AuditDraft): Promise<{ client: MqttClient; password: string }> {
    return this.#inTurn(() => this.#rotateOwn(actor, audit))
  }

  async #rotateOwn(actor: PersonActor, audit: AuditDraft): Promise<{ client: MqttClient; password: string }> {
    const { db, clock, audit: log, policies } = this.#dependencies
    if (actor.pending !== null) throw new ExpectedError('account_pending', { need: actor.pending })
    const tenantId = await this.#tenantOf(actor)
    const known = await repository.ownClient(db, actor.id, tenantId)
    const id = known?.id ?? uuid7(clock.now())
    audit.about('mqtt_client', id, tenantId, { own: true })
    if (known) {
      const { password } = await this.#renew(known, 'password', audit)
      return { client: await this.#read(id), password: password ?? '' }
    }
    const { plain, kept } = this.#newPassword()
    const handle = await this.#handleOf(actor)
    const username = await this.#freeUsername(`mqtt_${handle}`)
    await db.transaction().execute(async (trx) => {
      await this.#insert(trx, {
        id,
        tenantId,
        groupId: null,
        ownerUserId: actor.id,
        name: actor.name,
        username,
        ...kept,
        // What counts follows from the person's rights, at every moment.
        rights: 'both',
        topics: '["#"]',
        prefix: `users/${username.slice('mqtt_'.length)}`,
        state: 'active',
        createdAt: clock.now(),
        createdById: actor.id,
      })
      await log.recordIn(trx, audit)
    })
    await policies.publish(id)
    return { client: await this.#read(id), password: plain }
  }

  async #tenantOf(actor: PersonActor): Promise<string> {
    return (await this.#dependencies.tenants.resolve(actor.scope, actor.tenantId ?? undefined)).id
  }

  /** What a person is called in topics: their user name, else what cannot be guessed from their e-mail address. */
  async #handleOf({ id }: PersonActor): Promise<string> {
    const { db } = this.#dependencies
    const user = await db.selectFrom('users').select('username').where('id', '=', id).executeTakeFirst()
    return user?.username ?? id.replaceAll('-', '').slice(-12)
  }

  async #freeUsername(wanted: string): Promise<string> {
    const base = (wanted.length < 3 ? `client-${wanted}` : wanted).slice(0, 56).replace(/[^a-z0-9]+$/, '')
    for (let n = 1; ; n++) {
      const username = n === 1 ? base : `${base}-${n}`
      if (!(await isTaken(this.#dependencies.db, username))) return username
    }
  }

  async #insert(trx: SiteTrx, row: Parameters<typeof repository.insertClient>[1]): Promise<void> {
    await requireGroup(trx, row.tenantId, row.groupId)
    if (await isTaken(trx, row.username))
      throw new ExpectedError('mqtt_username_taken', { username: row.username })
    await repository.insertClient(trx, row)
  }

  async #requireRoom(trx: SiteTrx, tenantId: string): Promise<void> {
    const others = (await repository.allClients(trx)).filter((row) => row.tenantId === tenantId)
    if (others.length >= MOST_CLIENTS)
      throw new ExpectedError('too_many_mqtt_clients', { limit: MOST_CLIENTS })
  }

  #newPassword() {
    const { clock, hashPassword } = this.#dependencies
    const plain = randomBytes(32).toString('hex')
    const passwordSalt = randomBytes(16).toString('hex')
    const passwordHash = hashPassword(plain, passwordSalt)
    return { plain, kept: { passwordSalt, passwordHash, passwordSetAt: clock.now() } }
  }

  #newCertificate({ id, username }: { id: string; username: string }): Promise<ClientCertificate> {
    const { pki, clock } = this.#dependencies
    return pki.makeClientCertificate({ mqttClientId: id, username, now: clock.now() })
  }

  async #given(password: string | null, certificate: ClientCertificate | null): Promise<MqttCredentials> {
    const caPem = await this.caPem()
    if (certificate === null) return { password, certificate: null, caPem }
    const { certificatePem, privateKeyPem } = certificate
    return { password, certificate: { certificatePem, privateKeyPem }, caPem }
  }

  /** The device root, which clients trust. */
  caPem(): Promise<string> {
    return this.#dependencies.pki.caPem()
  }

  async #change(
    id: string,
    changes: Parameters<typeof repository.updateClient>[2],
    audit: AuditDraft,
  ): Promise<MqttClient> {
    const { db, audit: log, policies } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await repository.updateClient(trx, id, changes)
      await log.recordIn(trx, audit)
    })
    await policies.publish(id)
    return this.#read(id)
  }

  async #find(
    scope: TenantScope,
    reference: string,
    db: SiteDb | SiteTrx = this.#dependencies.db,
  ): Promise<repository.MqttClientRow> {
    const row =
      (await repository.clientById(db, reference)) ?? (await repository.clientByUsername(db, reference))
    if (!row || !seesClient(scope, row))
      throw new ExpectedError('not_found', { what: 'MQTT client', id: reference })
    return row
  }

  async #read(id: string): Promise<MqttClient> {
    return this.#find({ all: true }, id).then((row) => this.#view(row))
  }

  async #view(row: repository.MqttClientRow): Promise<MqttClient> {
    const { clock, policies } = this.#dependencies
    return clientView(row, await policies.standingOf(row), clock.now())
  }
}

/** By another client, or by a gateway that signs in under it. */
async function isTaken(db: SiteDb | SiteTrx, username: string): Promise<boolean> {
  return (await repository.clientByUsername(db, username)) !== undefined || isSignInName(db, username)
}
