import { measureCheck } from '../auth/check-cost.ts'
import { makePeople, PASSWORD, people } from '../auth/people.ts'
import { Person, quantile } from '../auth/person.ts'
import { printFigure, say } from '../figure.ts'
import { Load } from '../load/load.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const USERS = 100
const GATEWAYS = 500
const RATE = 5_000
const SECONDS = Number(process.env.MILLWRIGHT_BENCH_SECONDS ?? 20)
const ATTACKERS = 50
const GUESSES = 20_000

/**
 * `auth.check.us`: what asking who calls costs each call. `auth.api.p95`: reads of 100 people beside 5,000 readings a
 * second. `auth.login.rate`, `auth.storm.*`: many people at once, and many guesses.
 */
export async function benchAuth(): Promise<void> {
  await benchCheck()
  const site = new BenchSite()
  const load = new Load()
  try {
    await site.create()
    await site.start()
    say(`provisioning ${GATEWAYS} gateways, inviting ${USERS} people`)
    const { gateways } = await provisionGateways(site.client, GATEWAYS)
    const users = await makePeople(site.client, site.origin, USERS)
    await benchLogin(
      users.map(({ email }) => email),
      site,
    )
    await load.prepare(gateways, await site.target())
    await load.connect()
    await benchReads(users, load)
    for (const { person } of users) person.close()
    await benchStorm(site)
  } finally {
    await Promise.allSettled([load.stop()])
    await site.remove()
  }
}

async function benchCheck(): Promise<void> {
  const { cookie, accessToken, apiKey, people: among } = await measureCheck()
  say(
    `  who calls: cookie ${cookie.toFixed(0)}, access token ${accessToken.toFixed(0)}, API key ${apiKey.toFixed(0)} µs`,
  )
  printFigure({
    name: 'auth.check.us',
    value: cookie,
    unit: 'µs',
    how: `session, person, rights and groups looked up and the permission asked, one call after another, among ${among} people in 100 groups; an access token ${accessToken.toFixed(0)}, an API key ${apiKey.toFixed(0)} µs`,
  })
}

/** All at once, each from an address of their own, as at the change of a shift. */
async function benchLogin(emails: string[], site: BenchSite): Promise<void> {
  const before = await site.memory()
  const startedAt = performance.now()
  const times = await Promise.all(
    emails.map(async (email, index) => {
      const person = new Person(site.origin, index)
      try {
        for (;;) {
          const { status, ms } = await person.send('POST', '/api/v1/auth/session', {
            email,
            password: PASSWORD,
          })
          if (status === 200) return ms
          if (status !== 429) throw new Error(`a sign-in ended with ${status}`)
          await new Promise((resolve) => setTimeout(resolve, 500))
        }
      } finally {
        person.close()
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1_000
  const grown = (await site.memory()) - before
  printFigure({
    name: 'auth.login.rate',
    value: emails.length / seconds,
    unit: '/s',
    how: `${emails.length} people sign in at once, Argon2id one at a time; p95 ${quantile(times, 0.95)?.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB, ${measured}`,
  })
}

/** Each person asks for what their screen shows once a second, on a fixed schedule. */
async function benchReads(users: Awaited<ReturnType<typeof makePeople>>, load: Load): Promise<void> {
  await load.publish(RATE, 5)
  const times: number[] = []
  let refused = 0
  const until = performance.now() + SECONDS * 1_000
  const reads = users.map(async ({ person }, index) => {
    let due = performance.now() + index * (1_000 / USERS)
    for (let round = 0; due < until; round++, due += 1_000) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
      const { status } = await person.send('GET', people.read(index + round, GATEWAYS))
      // From when it was due: who waits for the answer before still waits.
      if (status === 200) times.push(performance.now() - due)
      else refused++
    }
  })
  const [{ p99 }] = await Promise.all([load.publish(RATE, SECONDS), ...reads])
  say(`  ${times.length} reads, ${refused} refused; PUBACK p99 ${p99?.toFixed(1)} ms`)
  printFigure({
    name: 'auth.api.p95',
    value: quantile(times, 0.95),
    unit: 'ms',
    how: `${USERS} people with access tokens, a read a second each (gateways, one gateway, latest, a chart of the last hour, overview), beside ${RATE} readings/s of ${GATEWAYS} gateways, ${SECONDS} s; median ${quantile(times, 0.5)?.toFixed(1)}, p99 ${quantile(times, 0.99)?.toFixed(1)} ms, ${measured}`,
  })
}

/** Guesses as fast as they are answered, half of them at the administrator, who signs in meanwhile. */
async function benchStorm(site: BenchSite): Promise<void> {
  const before = await site.memory()
  const attackers = Array.from({ length: ATTACKERS }, (_, index) => new Person(site.origin, 1_000 + index))
  let sent = 0
  let checked = 0
  const attack = async (attacker: Person) => {
    while (sent < GUESSES) {
      const n = sent++
      const email = n % 2 === 0 ? people.admin : `nobody-${n}@example.com`
      const { status } = await attacker.send('POST', '/api/v1/auth/session', {
        email,
        password: `guess ${n}`,
      })
      if (status === 401) checked++
    }
  }
  const startedAt = performance.now()
  const storm = Promise.all(attackers.map(attack))
  const administrator = new Person(site.origin, 2_000)
  const { status, ms } = await administrator.send('POST', '/api/v1/auth/session', {
    email: people.admin,
    password: people.adminPassword,
  })
  await storm
  const seconds = (performance.now() - startedAt) / 1_000
  const grown = (await site.memory()) - before
  for (const one of [...attackers, administrator]) one.close()
  const how = `${GUESSES} guesses from ${ATTACKERS} addresses as fast as they are answered, ${checked} of them hashed; the administrator was answered ${status} in ${ms.toFixed(0)} ms meanwhile, ${measured}`
  printFigure({ name: 'auth.storm.rate', value: GUESSES / seconds, unit: '/s', how })
  printFigure({ name: 'auth.storm.memory', value: grown, unit: 'MiB', how: `growth of the engine by ${how}` })
}
