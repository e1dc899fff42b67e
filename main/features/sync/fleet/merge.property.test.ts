import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChangeStamps, UNCHANGED } from '#platform/db/change-stamps.ts'
import type { FieldValue } from './merge-field.ts'
import { mergeField } from './merge-field.ts'
import { type ObjectPlan, planPull, planPush, type Version } from './plan-object.ts'

const FIELD = 'state'
const CLOUD = 'cccccccc'
const values = ['active', 'suspended', 'revoked', 'claimed']

/** A cloud with one field of one object, as its triggers keep it. */
class Cloud {
  value: FieldValue = 'active'
  stamp = ''
  readonly told: string[] = []
  readonly #stamps: ChangeStamps

  constructor(clock: { now(): number }) {
    this.#stamps = new ChangeStamps(clock)
  }

  /** Plain SQL by a person. */
  set(value: FieldValue): void {
    if (value === this.value) return
    this.#stamps.seen(this.stamp)
    this.value = value
    this.stamp = this.#stamps.next(CLOUD)
  }
}

/** A site with the same object. */
class Site {
  value: FieldValue
  stamp: string
  base: string | null = null
  readonly #stamps: ChangeStamps
  readonly #cloud: Cloud
  readonly #node: string

  constructor(of: { cloud: Cloud; node: string; clock: { now(): number }; value: FieldValue }) {
    this.#cloud = of.cloud
    this.#node = of.node
    this.#stamps = new ChangeStamps(of.clock)
    this.value = of.value
    this.stamp = `${UNCHANGED}-${of.node}`
  }

  get isDirty(): boolean {
    return this.stamp !== this.base
  }

  set(value: FieldValue): void {
    if (value === this.value) return
    this.value = value
    this.stamp = this.#stamps.next(this.#node)
  }

  /** @param forgets the link breaks after the cloud's commit */
  push(forgets = false): void {
    this.#take(planPush(this.#sides()), forgets)
  }

  pull(): void {
    this.#take(planPull(this.#sides()), false)
  }

  #sides() {
    const versions = new Map<string, Version>([[FIELD, { stamp: this.stamp, base: this.base }]])
    const there = { values: { [FIELD]: this.#cloud.value }, stamps: { [FIELD]: this.#cloud.stamp } }
    return {
      fields: [FIELD],
      here: { [FIELD]: this.value },
      versions,
      there,
      unchanged: `${UNCHANGED}-${this.#node}`,
    }
  }

  #take(plan: ObjectPlan, forgets: boolean): void {
    this.#stamps.seen(this.#cloud.stamp)
    const written = plan.write.get(FIELD)
    if (written) {
      this.#cloud.value = written.value
      this.#cloud.stamp = written.stamp
    }
    for (const { kept, lost } of plan.conflicts) this.#cloud.told.push(`${kept.stamp} ${lost.stamp}`)
    if (forgets) return
    const applied = plan.apply.get(FIELD)
    const stamp = applied?.stamp ?? plan.agree.get(FIELD)
    if (applied) this.value = applied.value
    if (stamp !== undefined) {
      this.stamp = stamp
      this.base = stamp
    }
  }
}

type Step =
  | { do: 'set'; who: number; value: string }
  | { do: 'push' | 'pull' | 'break'; who: number }
  | { do: 'sql'; value: string }
  | { do: 'clock'; who: number; by: number }

const who = fc.integer({ min: 0, max: 1 })
const value = fc.constantFrom(...values)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), who, value }),
  fc.record({ do: fc.constantFrom('push' as const, 'pull' as const, 'break' as const), who }),
  fc.record({ do: fc.constant('sql' as const), value }),
  fc.record({ do: fc.constant('clock' as const), who, by: fc.integer({ min: -5_000, max: 5_000 }) }),
)

function world(first: string, second: string) {
  const clocks = [0, 1, 2].map(() => ({
    at: 1_771_322_400_000,
    now() {
      return this.at++
    },
  }))
  const cloud = new Cloud(clocks[2] ?? { now: () => 0 })
  const sites = [first, second].map(
    (given, index) =>
      new Site({
        cloud,
        node: `${index + 1}`.repeat(8),
        clock: clocks[index] ?? { now: () => 0 },
        value: given,
      }),
  )
  return { cloud, sites, clocks }
}

function run(steps: readonly Step[], { cloud, sites, clocks }: ReturnType<typeof world>): void {
  for (const one of steps) {
    if (one.do === 'sql') cloud.set(one.value)
    else if (one.do === 'set') sites[one.who]?.set(one.value)
    else if (one.do === 'clock') {
      const clock = clocks[one.who]
      if (clock) clock.at += one.by
    } else if (one.do === 'pull') sites[one.who]?.pull()
    else sites[one.who]?.push(one.do === 'break')
  }
}

function settleAll({ sites }: ReturnType<typeof world>): void {
  for (let round = 0; round < 2; round++)
    for (const site of sites) {
      site.push()
      site.pull()
    }
}

test('whatever is changed where, whatever breaks: in the end all have the same, and nothing goes back and forth', () => {
  fc.assert(
    fc.property(value, value, fc.array(step, { maxLength: 40 }), (first, second, steps) => {
      const here = world(first, second)
      run(steps, here)
      settleAll(here)
      const { cloud, sites } = here
      for (const site of sites) expect([site.value, site.isDirty]).toEqual([cloud.value, false])
      const { stamp, told } = cloud
      const before = told.length
      settleAll(here)
      expect([cloud.stamp, told.length]).toEqual([stamp, before])
      // What broke off is told again under the same name.
      expect(new Set(told).size).toBeLessThanOrEqual(told.length)
    }),
    { numRuns: 500 },
  )
})

test('of changes that did not know of each other the same one counts, in whatever order they arrive', () => {
  const set = fc.record({ value, ahead: fc.integer({ min: -50, max: 50 }) })
  fc.assert(
    fc.property(set, set, (one, other) => {
      const results = [
        [0, 1],
        [1, 0],
      ].map((order) => {
        const here = world('active', 'active')
        settleAll(here)
        for (const [index, change] of [one, other].entries()) {
          const clock = here.clocks[index]
          if (clock) clock.at = 1_771_322_500_000 + change.ahead
          here.sites[index]?.set(change.value)
        }
        for (const index of order) here.sites[index]?.push()
        settleAll(here)
        return here.cloud.value
      })
      expect(results[0]).toBe(results[1])
    }),
  )
})

test('a revocation that nobody undid knowingly is in effect everywhere, whatever else happened', () => {
  fc.assert(
    fc.property(
      who,
      fc.array(step, { maxLength: 20 }),
      fc.array(
        step.filter(
          (one) => one.do !== 'push' && one.do !== 'pull' && one.do !== 'break' && one.do !== 'sql',
        ),
        { maxLength: 10 },
      ),
      (revoker, before, meanwhile) => {
        const here = world('active', 'active')
        run(before, here)
        settleAll(here)
        // One that is known already may be undone.
        fc.pre(here.cloud.value !== 'revoked')
        // The other knows nothing of it, and changes what it likes, later too.
        here.sites[revoker]?.set('revoked')
        run(
          meanwhile.filter((one) => !('who' in one && one.who === revoker && one.do === 'set')),
          here,
        )
        here.sites[1 - revoker]?.push()
        here.sites[revoker]?.push()
        settleAll(here)
        expect([here.cloud.value, ...here.sites.map((site) => site.value)]).toEqual([
          'revoked',
          'revoked',
          'revoked',
        ])
      },
    ),
  )
})

test('only who knew of a revocation ends it', () => {
  const revoked = { value: 'revoked', stamp: '0000000000005-0000-cccccccc' }
  const claimed = { value: 'claimed', stamp: '0000000000009-0000-11111111' }
  expect(mergeField({ ...claimed, base: revoked.stamp }, revoked)).toMatchObject({ kept: 'here', lost: null })
  expect(mergeField({ ...claimed, base: '0000000000001-0000-cccccccc' }, revoked)).toMatchObject({
    kept: 'there',
    lost: claimed,
  })
  expect(mergeField({ ...revoked, base: null }, claimed)).toMatchObject({ kept: 'here', lost: claimed })
  // Changed here, and not sent yet: it does not wait for that.
  const sides = {
    fields: ['state'],
    here: { state: 'claimed' },
    unchanged: UNCHANGED,
    versions: new Map([['state', { stamp: claimed.stamp, base: 'x' }]]),
  }
  const pulled = (there: typeof revoked) =>
    planPull({ ...sides, there: { values: { state: there.value }, stamps: { state: there.stamp } } })
  expect(pulled(revoked).apply.get('state')).toMatchObject({ value: 'revoked' })
  expect(pulled({ ...revoked, value: 'suspended' }).apply.size).toBe(0)
})
