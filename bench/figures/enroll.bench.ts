import { median, printFigure } from '../figure.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const GATEWAYS = 300

/** `enroll.ec`: one gateway after another through the API: key, certificate, sealed, committed, audited, answered. */
export async function benchEnroll(): Promise<void> {
  const site = new BenchSite()
  try {
    await site.create()
    await site.start()
    await provisionGateways(site.client, 50, { atOnce: 1 })
    const { times } = await provisionGateways(site.client, GATEWAYS, { atOnce: 1, from: 1_000 })
    printFigure({
      name: 'enroll.ec',
      value: median(times),
      unit: 'ms',
      how: `median of ${GATEWAYS} calls of POST /api/v1/gateways/provision in turn, over the local socket, client's time included, ${measured}`,
    })
  } finally {
    await site.remove()
  }
}
