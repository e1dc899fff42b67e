import { buffer } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import type { GatewayImportCheck } from '#contract/model/gateway-import.ts'
import type { Permission } from '#contract/model/permission.ts'
import { localSiteAdmin, type TenantScope, wholeTenant } from '#features/access/index.ts'
import { GroupsService } from '#features/tenants/index.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import { JobRunner } from '#platform/jobs/job-runner.ts'
import { type EnrollmentSite, enrollmentSite } from '../enrollment-site.fixture.ts'
import { outcomesOf } from './batch-import.job.ts'
import { BatchImportService, type BatchRequest } from './batch-import.service.ts'
import { covers, saveScope } from './saved-scope.ts'

let site: EnrollmentSite
let runner: JobRunner
let batch: BatchImportService
let groups: GroupsService
/** Called before each gateway is made. */
let beforeEnroll: () => void

const inHall: TenantScope = {
  all: false,
  tenantId: 'north',
  within: { groupIds: new Set(['hall']), ownerUserId: null },
}

beforeAll(async () => {
  site = await enrollmentSite()
})
afterAll(() => site.close())

beforeEach(async () => {
  beforeEnroll = () => undefined
  const { db, clock, audit, tenants } = site
  groups = new GroupsService({ db, clock, audit, tenants, regrouped: async () => undefined })
  await db
    .insertInto('groups')
    .values({ id: 'hall', tenantId: 'north', parentId: null, name: 'Hall', createdAt: 1 })
    .execute()
  await tenants.loadGroups()
  open()
})
// Keys of an authority take their time: the site stays, and what a test made on it goes.
afterEach(async () => {
  await runner.stop()
  const { db } = site
  await db.updateTable('tenants').set({ gatewayQuota: null }).execute()
  await db
    .deleteFrom('sealedSecrets')
    .where('id', 'in', (eb) => eb.selectFrom('handovers').select('sealedSecretId'))
    .execute()
  await db.deleteFrom('certificates').where('kind', '=', 'gateway').execute()
  for (const table of ['handovers', 'gatewayHistory', 'jobs'] as const) await db.deleteFrom(table).execute()
  await db.updateTable('gateways').set({ assignmentId: null, groupId: null }).execute()
  for (const table of ['assignments', 'gateways', 'groups'] as const) await db.deleteFrom(table).execute()
})

/** As after a start of the site. */
function open(): void {
  runner = new JobRunner({ ...site, log: pino({ level: 'silent' }), dir: `${site.dir}/jobs` })
  batch = new BatchImportService({
    ...site,
    jobs: runner,
    enrollment: {
      enroll: (...order) => {
        beforeEnroll()
        return site.enrollment.enroll(...order)
      },
    },
    uploads: {
      hasUpload: (_, id) => runner.byId(id) === undefined,
      lend: async (_, id) => ({ name: 'plant.csv', path: runner.files.input(id) }),
      released: () => undefined,
      taken: (id) => runner.files.remove(id),
    },
    makeGroup: async (scope, tenant, path, audit) => {
      const parent = path.split('/').slice(0, -1).join('/') || null
      await groups.create(scope, { tenant, parent, name: path.split('/').at(-1) ?? '' }, audit)
    },
    labels: async () => new File(['labels'], 'x.pdf'),
  })
  batch.register()
}

async function upload(csv: string): Promise<string> {
  const id = uuid7(site.clock.now())
  const part = await runner.files.openPart(id, 'input')
  await part.write(Buffer.from(csv))
  await part.commit()
  return id
}

const caller = (scope: TenantScope) => ({
  actor: localSiteAdmin,
  scope,
  audit: site.draft('gateway.import.start'),
})
const findJob = (id: string) => runner.byId(id) as JobRecord
const request = (source: string, options: Partial<BatchRequest> = {}): BatchRequest => ({
  source,
  tenant: 'north',
  createGroups: false,
  ...options,
})
const check = async (csv: string, options: Partial<BatchRequest> = {}, scope: TenantScope = { all: true }) =>
  batch.check(caller(scope), request(await upload(csv), options), findJob)
const verdicts = ({ rows }: GatewayImportCheck) =>
  rows.map(({ code, verdict, problem }) => `${code} ${verdict}${problem ? ` ${problem.code}` : ''}`)

async function imported(csv: string, options: Partial<BatchRequest> = {}): Promise<JobRecord> {
  site.clock.at += 1_000
  const job = await batch.start(caller({ all: true }), request(await upload(csv), options), findJob)
  await runner.start()
  await ended(job)
  return findJob(job.id)
}
const ended = ({ id }: JobRecord) =>
  vi.waitFor(() => expect(runner.byId(id)?.endedAt).not.toBeNull(), { interval: 10, timeout: 15_000 })

const certificates = async () =>
  (
    await site.db
      .selectFrom('certificates')
      .select(['gatewayId', 'state'])
      .where('kind', '=', 'gateway')
      .execute()
  ).length

const mac = (last: string) => `aa:bb:cc:dd:ee:${last}`

describe('the look before', () => {
  test('new, there already, revoked, taken, unknown; nothing is made', async () => {
    await site.enroll({ mac: mac('01'), code: 'GW1' })
    await site.enroll({ mac: mac('02'), code: 'GW2' })
    await site.fleet.transition('revoke', { all: true }, { gateway: 'GW2' }, localSiteAdmin, site.draft())
    await site.enroll({ mac: mac('03'), code: 'GW3', tenant: 'south' })
    await site.enroll({ code: 'GW4' })
    const before = await certificates()
    const looked = await check(
      [
        'mac,code,name,group,profile',
        `${mac('01')},GW1,a,,`,
        `${mac('02')},GW2,a,,`,
        `${mac('03')},GW3,a,,`,
        ',GW4,a,,',
        `${mac('01')},GW9,a,,`,
        `${mac('05')},GW1,a,,`,
        `${mac('06')},GW6,a,Attic,`,
        `${mac('07')},GW7,a,hall,nope`,
        `${mac('08')},GW8,a,hall,`,
      ].join('\n'),
    )
    expect(verdicts(looked)).toEqual([
      'GW1 same',
      'GW2 again',
      'GW3 problem mac_taken',
      'GW4 same',
      'GW9 problem csv_duplicate',
      'GW1 problem csv_duplicate',
      'GW6 problem csv_group_unknown',
      'GW7 problem csv_profile_unknown',
      'GW8 new',
    ])
    expect(looked.counts).toEqual({ new: 1, again: 1, same: 2, problem: 6 - 1 })
    expect(verdicts(await check(`mac,code,name\n${mac('01')},GW9,a\n${mac('05')},GW3,a\n`))).toEqual([
      'GW9 problem mac_taken',
      'GW3 new',
    ])
    expect(await certificates()).toBe(before)
  })

  test('groups by path, made where that is asked for, and not beside what somebody sees', async () => {
    const csv = 'code,name,group\nA,a,Hall/Line 1\nB,b,Hall / line 1 / Cell\nC,c,Yard\nD,d,/\n'
    expect((await check(csv, { createGroups: true })).newGroups).toEqual([
      'Hall/Line 1',
      'Hall/line 1/Cell',
      'Yard',
    ])
    expect(verdicts(await check(csv, { createGroups: true }, inHall))).toEqual([
      'A new',
      'B new',
      'C problem csv_group_unknown',
      'D problem csv_group_unknown',
    ])
    expect(verdicts(await check('code,name\nA,a\n', {}, inHall))).toEqual(['A problem forbidden_reach'])
    expect(verdicts(await check('code,name\nA,a\n', { group: 'Hall' }, inHall))).toEqual(['A new'])
    await expect(check('code,name\nA,a\n', { group: 'Nowhere' })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a quota ends in the midst of the file', async () => {
    await site.db.updateTable('tenants').set({ gatewayQuota: 2 }).where('id', '=', 'north').execute()
    expect(verdicts(await check('code,name\nA,a\nB,b\nC,c\n'))).toEqual([
      'A new',
      'B new',
      'C problem quota_gateways',
    ])
  })

  test('a file that is too large, and one that is gone', async () => {
    await expect(check(`code,name\n${'A,a\n'.repeat(1_400_000)}`)).rejects.toMatchObject({
      code: 'csv_too_large',
      data: { rows: 1_310_718 },
    })
    await expect(batch.check(caller({ all: true }), request(uuid7(1)), findJob)).rejects.toMatchObject({
      code: 'import_file_gone',
    })
  })
})

describe('the job', () => {
  const csv = [
    'mac;code;name;group',
    `${mac('01')};GW1;Boiler;Hall/Line 1`,
    `${mac('02')};GW2;"=SUM(1)";`,
    `${mac('02')};GW3;double;`,
    ';GW4;no MAC;Hall',
  ].join('\r\n')

  test('makes what is to be made, with its groups, and says what became of each row', async () => {
    const job = await imported(csv, { createGroups: true })
    expect(job).toMatchObject({ state: 'done', result: { created: 3, again: 0, same: 0, failed: 1 } })
    const rows = await batch.result(wholeTenant('north'), job)
    expect(rows.map(({ code, outcome, credentialWaiting }) => [code, outcome, credentialWaiting])).toEqual([
      ['GW1', 'created', true],
      ['GW2', 'created', true],
      ['GW3', 'failed', false],
      ['GW4', 'created', true],
    ])
    const gw1 = await site.fleet.find({ all: true }, { gateway: 'GW1' })
    expect(site.fleet.view(gw1, { all: true }).group?.path).toEqual(['Hall', 'Line 1'])
    const history = await site.db.selectFrom('gatewayHistory').select('reason').execute()
    expect(history.map(({ reason }) => reason)).toEqual(['imported', 'imported', 'imported'])
    // Nobody else learns of it.
    expect((await batch.result(wholeTenant('south'), job)).every(({ gatewayId }) => gatewayId === null)).toBe(
      true,
    )
    // No key lies in the folder of the job.
    expect(JSON.stringify(outcomesOf(job.checkpoint))).not.toContain('PRIVATE')
  })

  test('imported again: all the same, no new key, no lost one', async () => {
    await imported(csv)
    const before = await certificates()
    const again = await imported(csv)
    expect(again.result).toEqual({ created: 0, again: 0, same: 2, failed: 2 })
    expect(await certificates()).toBe(before)
  })

  test('a site that stops in the midst goes on where it was, and makes nothing twice', async () => {
    const many = `code,name\n${Array.from({ length: 40 }, (_, at) => `GW${at},n`).join('\n')}\n`
    site.clock.at += 1_000
    const { id } = await batch.start(caller({ all: true }), request(await upload(many)), findJob)
    let made = 0
    const stopped: Promise<void>[] = []
    beforeEnroll = () => {
      made += 1
      if (made === 15) stopped.push(runner.stop())
    }
    await runner.start()
    await vi.waitFor(() => expect(stopped).toHaveLength(1), 15_000)
    await stopped[0]
    expect(runner.byId(id)?.state).toBe('queued')
    const first = made
    // What was written last is older than what was done: as after a power cut.
    await site.db.updateTable('jobs').set({ checkpoint: null }).where('id', '=', id).execute()
    beforeEnroll = () => {
      made += 1
    }
    open()
    await runner.start()
    await ended(findJob(id))
    expect(runner.byId(id)?.result).toEqual({ created: 40, again: 0, same: 0, failed: 0 })
    expect(first).toBeLessThan(40)
    expect(made).toBe(40)
    expect(await certificates()).toBe(40)
  })

  test('cancelled: what was made stays, and the rest says that it was not done', async () => {
    const many = `code,name\n${Array.from({ length: 30 }, (_, at) => `GW${at},n`).join('\n')}\n`
    const { id } = await batch.start(caller({ all: true }), request(await upload(many)), findJob)
    let made = 0
    const cancelled: Promise<void>[] = []
    beforeEnroll = () => {
      made += 1
      if (made === 10) cancelled.push(runner.cancel(findJob(id)))
    }
    await runner.start()
    await vi.waitFor(() => expect(cancelled).toHaveLength(1), 15_000)
    await cancelled[0]
    expect(runner.byId(id)?.state).toBe('cancelled')
    const outcomes = outcomesOf(findJob(id).checkpoint).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(made)
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(30 - made)
    // Once more with the same file: the rest.
    site.clock.at += 1_000
    const rest = await batch.start(caller({ all: true }), request(id), findJob)
    beforeEnroll = () => undefined
    await ended(rest)
    expect(findJob(rest.id).result).toMatchObject({ created: 30 - made, same: made })
  })
})

describe('the hand-over', () => {
  const csv = `mac,code,name\n${mac('01')},GW1,"=1+1"\n${mac('02')},GW2,b\n`

  test('one ZIP of ZIPs with labels and report, again until it is confirmed, then never', async () => {
    const job = await imported(csv)
    const whole = caller(wholeTenant('north'))
    const before = await fetches()
    // Nobody has fetched them: there is nothing to confirm.
    expect(await batch.received(whole, job)).toBe(0)
    for (let times = 0; times < 2; times += 1) {
      const { name, bytes } = await batch.credentials(whole, job, 'a4-24')
      expect(name).toBe('plant-credentials.zip')
      const files = await unzip(bytes)
      expect([...files.keys()]).toEqual([
        'aa-bb-cc-dd-ee-01_certs.zip',
        'aa-bb-cc-dd-ee-02_certs.zip',
        'report.csv',
        'labels.pdf',
      ])
      const inner = await unzip(files.get('aa-bb-cc-dd-ee-01_certs.zip') ?? Buffer.alloc(0))
      expect(inner.get('client.key')?.toString()).toContain('PRIVATE KEY')
      const report = files.get('report.csv')?.toString() ?? ''
      expect(report.split('\r\n')[1]).toMatch(
        /^2,aa:bb:cc:dd:ee:01,GW1,'=1\+1,,,created,,[0-9a-f-]{36},ESP-DDEE01,aa-bb-cc-dd-ee-01_certs\.zip$/,
      )
    }
    // Each fetch of each key is in the audit; the look of somebody else's brings nothing.
    expect((await fetches()) - before).toBe(4)
    await expect(batch.credentials(caller(wholeTenant('south')), job, 'a4-24')).rejects.toMatchObject({
      code: 'import_credentials_gone',
    })
    expect(await batch.received(whole, job)).toBe(2)
    await expect(batch.credentials(whole, job, 'a4-24')).rejects.toMatchObject({
      code: 'import_credentials_gone',
    })
    expect(
      await site.db.selectFrom('sealedSecrets').select('id').where('id', 'in', idsOf(job)).execute(),
    ).toEqual([])
  })

  test('after a day there is nothing left to fetch', async () => {
    const job = await imported(csv)
    site.clock.at += 24 * 3_600_000
    await expect(batch.credentials(caller({ all: true }), job, 'a4-24')).rejects.toMatchObject({
      code: 'import_credentials_gone',
    })
  })

  test('groups are made for those only who may make them, at each start', async () => {
    const source = await upload('code,name,group\nG1,G1,Hall\n')
    const asks = (permissions: Permission[], createGroups = true) => ({
      caller: {
        ...caller(wholeTenant('north')),
        actor: { kind: 'api_key', id: 'k', name: 'k', permissions, scope: wholeTenant('north') } as const,
      },
      request: request(source, { createGroups }),
    })
    const operator = asks(['gateways:write'])
    const forbidden = { code: 'forbidden', data: { permission: 'tenants:write' } }
    await expect(batch.check(operator.caller, operator.request, findJob)).rejects.toMatchObject(forbidden)
    await expect(batch.start(operator.caller, operator.request, findJob)).rejects.toMatchObject(forbidden)
    const plain = asks(['gateways:write'], false)
    await expect(batch.check(plain.caller, plain.request, findJob)).resolves.toMatchObject({ newGroups: [] })
    const admin = asks(['gateways:write', 'tenants:write'])
    const { params } = await batch.start(admin.caller, admin.request, findJob)
    expect(() => batch.requireReach(operator.caller.actor, params)).toThrow(
      expect.objectContaining(forbidden),
    )
    expect(() => batch.requireReach(admin.caller.actor, params)).not.toThrow()
  })

  test('it is started again only by whoever has no fewer rights', () => {
    const whole = saveScope({ all: true }, 'north')
    expect(covers({ all: true }, whole)).toBe(true)
    expect(covers(wholeTenant('north'), whole)).toBe(true)
    expect(covers(wholeTenant('south'), whole)).toBe(false)
    expect(covers(inHall, whole)).toBe(false)
    expect(covers(inHall, saveScope(inHall, 'north'))).toBe(true)
    expect(covers(wholeTenant('north'), saveScope(inHall, 'north'))).toBe(true)
  })
})

const fetches = async () =>
  (
    await site.db
      .selectFrom('auditEntries')
      .select('seq')
      .where('action', '=', 'certificate.handover')
      .execute()
  ).length

const idsOf = (job: JobRecord) => outcomesOf(job.checkpoint).map(({ gatewayId }) => gatewayId ?? '')

async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const file = await fromBufferPromise(bytes)
  for await (const entry of file.eachEntry())
    files.set(entry.fileName, await buffer(await file.openReadStreamPromise(entry)))
  return files
}
