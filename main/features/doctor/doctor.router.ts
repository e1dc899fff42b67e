import type { Examination } from '#contract/model/doctor.ts'
import type { Procedures } from '#features/access/index.ts'
import type { PresenceRecorder } from '#features/fleet/index.ts'
import { ticks } from '#platform/events/ticks.ts'
import type { DoctorService } from './doctor.service.ts'
import type { SelfTestService } from './self-test.service.ts'
import type { SiteSideService } from './site-side.service.ts'

/** Something new is told this often, ms. */
const EVERY = 1_000
/** What no event tells of, such as the age of a reading, is looked at this often, ms. */
const ANYWAY = 15_000

export function createDoctorRouter(
  { doctor }: Procedures,
  parts: {
    doctor: DoctorService
    selfTest: SelfTestService
    siteSide: SiteSideService
    presence: PresenceRecorder
  },
) {
  const { presence, selfTest, siteSide } = parts
  return {
    examine: doctor.examine.handler(({ input, context }) => parts.doctor.examine(context.scope, input)),
    watch: doctor.watch.handler(async ({ input, context, signal }) => {
      const look = () => parts.doctor.examine(context.scope, input)
      // Before the stream begins, so that a tenant that is not theirs fails the call itself.
      return follow(await look(), look, presence, signal)
    }),
    selfTest: doctor.selfTest.handler(({ input, context }) =>
      selfTest.run(context.scope, input, context.audit),
    ),
    site: doctor.site.handler(() => siteSide.look()),
  }
}

async function* follow(
  first: Examination,
  look: () => Promise<Examination>,
  { changed, refusalWritten }: PresenceRecorder,
  signal: AbortSignal | undefined,
): AsyncGenerator<Examination> {
  const about = first.subject.gateway?.id
  let changedAt = 0
  let lookedAt = performance.now()
  const note = ({ gatewayId }: { gatewayId: string | null }): void => {
    // Of a box without a name it may be the one that is asked about.
    if (gatewayId === null || gatewayId === about) changedAt = performance.now()
  }
  const stops = [changed.subscribe(note), refusalWritten.subscribe(note)]
  try {
    yield first
    let sent = contentOf(first)
    const isDue = () => (lookedAt < changedAt || performance.now() - lookedAt > ANYWAY ? true : null)
    for await (const _ of ticks(EVERY, isDue, signal)) {
      lookedAt = performance.now()
      const next = await look()
      if (contentOf(next) === sent) continue
      sent = contentOf(next)
      yield next
    }
  } finally {
    for (const stop of stops) stop()
  }
}

function contentOf(examination: object): string {
  return JSON.stringify({ ...examination, at: 0 })
}
