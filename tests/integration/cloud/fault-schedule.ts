import { setTimeout as sleep } from 'node:timers/promises'
import type { Direction, FaultProxy } from '#tests/fixtures/fault-proxy.ts'
import type { PostgresServer } from '#tests/fixtures/postgres-server.ts'

/** What a schedule does things to. */
export interface Plant {
  proxy: FaultProxy
  postgres: PostgresServer
  /** SIGKILL, and up again. */
  killSite(): Promise<void>
  restartSite(): Promise<void>
  /** As a kill; before it is up again, all that it stored is folded into blocks, as hours would have done. */
  foldSite(): Promise<void>
  /** A person wants everything compared, in the middle of it. */
  resync(): Promise<void>
}

interface Fault {
  name: string
  /** How often it is drawn beside the others. */
  weight: number
  /** Resolves when the fault has had its time; `heal` comes after it. */
  act(plant: Plant, random: () => number): Promise<string>
}

const between = (random: () => number, from: number, to: number): number =>
  Math.floor(from + random() * (to - from))

const directionOf = (random: () => number): Direction | undefined => {
  const drawn = random()
  return drawn < 0.4 ? undefined : drawn < 0.7 ? 'up' : 'down'
}

/** All that a link, a site and a database do; each is drawn by a seed. */
const faults: readonly Fault[] = [
  {
    name: 'quiet',
    weight: 2,
    act: async (_plant, random) => lasting(random, 300, 1_200),
  },
  {
    name: 'latency',
    weight: 2,
    act: async ({ proxy }, random) => {
      const ms = between(random, 20, 200)
      proxy.latency(ms, { jitter: ms })
      return `${ms} ms, ${await lasting(random, 500, 1_500)}`
    },
  },
  {
    name: 'slow',
    weight: 2,
    act: async ({ proxy }, random) => {
      const bytes = between(random, 2_000, 60_000)
      proxy.bandwidth(bytes)
      return `${bytes} B/s, ${await lasting(random, 500, 1_500)}`
    },
  },
  {
    name: 'cut',
    weight: 3,
    act: async ({ proxy }, random) => {
      proxy.cut()
      return lasting(random, 100, 500)
    },
  },
  {
    name: 'cut after bytes',
    weight: 3,
    act: async ({ proxy }, random) => {
      const bytes = between(random, 0, 30_000)
      const direction = random() < 0.7 ? 'up' : 'down'
      proxy.closeAfter(bytes, direction)
      return `${bytes} B ${direction}, ${await lasting(random, 500, 1_500)}`
    },
  },
  {
    name: 'half-open',
    weight: 2,
    act: async ({ proxy }, random) => {
      const direction = directionOf(random)
      proxy.halfOpen(direction)
      const time = await lasting(random, 500, 2_000)
      // Either what was under way comes late, or never.
      const late = random() < 0.5
      if (!late) proxy.cut()
      return `${direction ?? 'both'}, ${time}, ${late ? 'late' : 'never'}`
    },
  },
  {
    name: 'byte flip',
    weight: 2,
    act: async ({ proxy }, random) => {
      const after = between(random, 0, 20_000)
      const direction = random() < 0.6 ? 'up' : 'down'
      proxy.flipByte({ after, direction, mask: 1 << between(random, 0, 8) })
      return `${after} B ${direction}, ${await lasting(random, 500, 1_000)}`
    },
  },
  {
    name: 'refused',
    weight: 1,
    act: async ({ proxy }, random) => {
      proxy.refuse()
      proxy.cut()
      return lasting(random, 300, 1_200)
    },
  },
  {
    name: 'hanging',
    weight: 1,
    act: async ({ proxy }, random) => {
      proxy.hang()
      proxy.cut()
      const time = await lasting(random, 300, 1_200)
      if (random() < 0.7) proxy.cut()
      return time
    },
  },
  {
    name: 'Postgres restarts',
    weight: 1,
    act: async ({ postgres }) => {
      await postgres.restart()
      return 'done'
    },
  },
  {
    name: 'Postgres is killed',
    weight: 1,
    act: async ({ postgres }, random) => {
      await postgres.kill()
      const time = await lasting(random, 0, 500)
      await postgres.start()
      return time
    },
  },
  {
    name: 'site is killed',
    weight: 1,
    act: async (plant) => {
      await plant.killSite()
      return 'done'
    },
  },
  {
    name: 'resync',
    weight: 1,
    act: async (plant, random) => {
      await plant.resync()
      return lasting(random, 100, 800)
    },
  },
  {
    name: 'site is killed, and folds',
    weight: 1,
    act: async (plant, random) => {
      // So that there is something that was not sent.
      plant.proxy.refuse()
      plant.proxy.cut()
      const time = await lasting(random, 300, 1_500)
      await plant.foldSite()
      return time
    },
  },
  {
    name: 'site restarts',
    weight: 1,
    act: async (plant) => {
      await plant.restartSite()
      return 'done'
    },
  },
]

async function lasting(random: () => number, from: number, to: number): Promise<string> {
  const ms = between(random, from, to)
  await sleep(ms)
  return `${ms} ms`
}

/**
 * Draws `count` faults and has each happen; those named in `always` come at least once.
 * @returns what happened, a line each, for whoever looks for the reason of a failure
 */
export async function happenings(
  plant: Plant,
  random: () => number,
  { count, always, tell }: { count: number; always: readonly string[]; tell: (line: string) => void },
): Promise<void> {
  const drawn = Array.from({ length: Math.max(0, count - always.length) }, () => drawFault(random))
  const named = always.map((name) => {
    const fault = faults.find((one) => one.name === name)
    if (fault === undefined) throw new Error(`There is no fault ${name}`)
    return fault
  })
  for (const fault of shuffled([...drawn, ...named], random)) {
    tell(`${fault.name}: ${await fault.act(plant, random)}`)
    await plant.proxy.heal()
    await sleep(between(random, 50, 400))
  }
}

function drawFault(random: () => number): Fault {
  let left = random() * faults.reduce((sum, { weight }) => sum + weight, 0)
  for (const fault of faults) {
    left -= fault.weight
    if (left < 0) return fault
  }
  return faults[0]!
}

function shuffled<T>(list: T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
