import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { admin, type ClaimSite, claimSite, from } from './claims.fixture.ts'

/** What a box is to expect, in the simplest words. */
interface Knock {
  mac: string
  id: string
  secret: string
  heardAt: number
  state: 'waiting' | 'claimed' | 'delivered' | 'gone'
  claimedAt: number
}

const HOUR = 60 * 60_000
const DAY = 24 * HOUR
const macs = ['02:00:00:00:02:01', '02:00:00:00:02:02', '02:00:00:00:02:03']
const tenants = ['north', 'south']

const which = fc.nat(5)
const step = fc.oneof(
  fc.record({ do: fc.constant('knock' as const), mac: fc.constantFrom(...macs) }),
  fc.record({ do: fc.constant('poll' as const), which }),
  fc.record({ do: fc.constant('claim' as const), which, tenant: fc.constantFrom(...tenants) }),
  fc.record({ do: fc.constant('fetch' as const), which }),
  fc.record({ do: fc.constant('received' as const), which }),
  fc.record({ do: fc.constant('session' as const), which }),
  fc.record({ do: fc.constant('unclaim' as const), mac: fc.constantFrom(...macs) }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 11, 25) }),
  fc.record({ do: fc.constant('power cut' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The code of a failure that was expected, or what it gave. */
async function outcome<T>(work: Promise<T>, word: (result: T) => string = () => 'ok'): Promise<string> {
  try {
    return word(await work)
  } catch (error) {
    if (error instanceof ExpectedError) return error.code
    throw error
  }
}

type Answers = [site: string, model: string]
const nothing: Answers = ['', '']

/** Runs the steps on the site and in the model beside it; they must never disagree. */
class Comparison {
  readonly at: ClaimSite
  readonly knocks: Knock[] = []
  /** Whose the gateway with a MAC is. */
  readonly owners = new Map<string, string>()

  constructor(at: ClaimSite) {
    this.at = at
  }

  /** @returns what the site says, and what the model does */
  async take(given: Step): Promise<Answers> {
    if (given.do === 'knock') return this.knock(given.mac)
    if (given.do === 'wait') return this.wait(given.hours)
    if (given.do === 'unclaim') return this.unclaim(given.mac)
    if (given.do === 'power cut') return this.at.restart().then(() => nothing)
    const knock = this.knocks.at(given.which)
    if (knock === undefined) return nothing
    return given.do === 'claim' ? this.claim(knock, given.tenant) : this[given.do](knock)
  }

  async knock(mac: string): Promise<Answers> {
    const facts = {
      label: null,
      deviceId: null,
      chip: null,
      firmware: null,
      hardware: null,
      address: '10.0.0.1',
    }
    const { id, pollSecret } = await this.at.book.knock({
      ...facts,
      way: 'bootstrap',
      mac,
      credential: 'secret',
      withPollSecret: true,
      withToken: true,
    })
    const secret = pollSecret ?? ''
    this.knocks.unshift({ mac, id, secret, heardAt: this.now, state: 'waiting', claimedAt: 0 })
    return nothing
  }

  async poll(knock: Knock): Promise<Answers> {
    const expected = knock.state === 'delivered' || knock.state === 'gone' ? 'knock_gone' : knock.state
    if (knock.state === 'waiting') knock.heardAt = this.now
    return [await outcome(this.at.bootstrap.poll(knock.secret), ({ row }) => row.state), expected]
  }

  async claim(knock: Knock, tenant: string): Promise<Answers> {
    const owner = this.owners.get(knock.mac)
    const isFree = owner === undefined || owner === tenant
    const isThere = knock.state === 'waiting'
    const says = await outcome(this.at.claim(admin, { knock: knock.id, tenant, replace: true }))
    if (isThere && isFree) {
      this.owners.set(knock.mac, tenant)
      for (const other of this.knocks)
        if (other.mac === knock.mac && other.state === 'claimed') other.state = 'gone'
      Object.assign(knock, { state: 'claimed', claimedAt: this.now })
      return [says, 'ok']
    }
    if (isThere) return [says, 'mac_taken']
    return [says === 'not_found' ? 'claim_conflict' : says, 'claim_conflict']
  }

  async fetch(knock: Knock): Promise<Answers> {
    const expected = knock.state === 'claimed' ? 'ok' : 'knock_gone'
    return [await outcome(this.at.bootstrap.credential(knock.secret, from())), expected]
  }

  async received(knock: Knock): Promise<Answers> {
    const expected = knock.state === 'claimed' || knock.state === 'delivered' ? 'ok' : 'knock_gone'
    if (knock.state === 'claimed') knock.state = 'delivered'
    return [await outcome(this.at.bootstrap.received(knock.secret, from())), expected]
  }

  /** It connects with what it was given; later calls find it delivered, once that is written down. */
  async session(knock: Knock): Promise<Answers> {
    const row = await this.at.book.byPollSecret(knock.secret)
    if (knock.state !== 'claimed') return nothing
    await this.at.site.credentials.proved([{ fingerprint: '', secretId: row?.credentialId ?? '' }])
    knock.state = 'delivered'
    return nothing
  }

  async unclaim(mac: string): Promise<Answers> {
    const gateway = await this.at.site.db
      .selectFrom('gateways')
      .select('id')
      .where('mac', '=', mac)
      .where('state', '!=', 'unclaimed')
      .executeTakeFirst()
    const answers: Answers = [`owned ${gateway !== undefined}`, `owned ${this.owners.has(mac)}`]
    if (!gateway) return answers
    await this.at.unclaiming.unclaim(
      { all: true },
      { gateway: gateway.id },
      this.at.site.draft('gateway.unclaim'),
    )
    this.owners.delete(mac)
    for (const knock of this.knocks) if (knock.mac === mac && knock.state !== 'waiting') knock.state = 'gone'
    return answers
  }

  /** Time goes on, and what is done from time to time is done. */
  async wait(hours: number): Promise<Answers> {
    this.at.site.clock.at += hours * HOUR
    await this.at.site.credentials.expire()
    await this.at.book.sweep()
    for (const knock of this.knocks) {
      if (knock.state === 'claimed' && knock.claimedAt + DAY <= this.now) knock.state = 'gone'
      if (knock.state === 'waiting' && knock.heardAt + DAY <= this.now) knock.state = 'gone'
      // Delivered a day ago: nothing of it is left.
      if (knock.state === 'delivered' && knock.claimedAt + 2 * DAY <= this.now) knock.state = 'gone'
    }
    return nothing
  }

  get now(): number {
    return this.at.site.clock.at
  }
}

test('claims do what a naive model says, whatever happens in whatever order', async () => {
  const at = await claimSite()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }), async (steps) => {
      const comparison = new Comparison(at)
      for (const one of steps) {
        const [says, expected] = await comparison.take(one)
        expect(`${one.do}: ${says}`).toBe(`${one.do}: ${expected}`)
      }
      for (const table of ['knocks', 'handovers', 'gatewaySecrets', 'gatewayHistory', 'assignments'] as const)
        await at.site.db.deleteFrom(table).execute()
      await at.site.db.deleteFrom('gateways').execute()
      await at.restart()
    }),
    { numRuns: 15 },
  )
  await at.close()
}, 60_000)
