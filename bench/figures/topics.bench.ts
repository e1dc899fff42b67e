import { linkIs, signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { printFigure, say } from '../figure.ts'
import { Load } from '../load/load.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const TOPICS = 2_000
const RATE = 5_000
const SECONDS = Number(process.env.MILLWRIGHT_BENCH_SECONDS ?? 30)

interface Tasks {
  /** ms of each that took 50 or more: of others the browser does not tell. */
  longest: number[]
  framesPerSecond: number
}

/** Runs in the page: gathers long tasks while it scrolls through the tree. */
const probe = (ms: number) => `(async () => {
  const longest = []
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest.push(duration)
  })
  observer.observe({ type: 'longtask' })
  const grid = document.querySelector('[role="treegrid"]')
  let frames = 0
  for (const until = performance.now() + ${ms}; performance.now() < until; frames++) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    grid.scrollBy(0, frames % 400 < 200 ? 12 : -12)
  }
  observer.disconnect()
  return { longest, framesPerSecond: (frames * 1000) / ${ms} }
})()`

/** `topics.longest-task`: of the Topics screen in Chromium, every level open, while messages arrive. */
export async function benchTopics(): Promise<void> {
  const site = new BenchSite()
  const load = new Load()
  const browser = await startBrowser()
  try {
    await site.create()
    await site.start()
    say(`provisioning ${TOPICS} gateways`)
    const { gateways } = await provisionGateways(site.client, TOPICS)
    await load.prepare(gateways, await site.target())
    await load.connect()
    const { page } = await visit(browser, site.origin)
    await page.goto('/login')
    await signIn(page, { email: 'bench@example.com', password: 'throw-away benchmark site' })
    // A filter opens every level: all rows are told, and change.
    await page.goto('/topics?q=telemetry')
    await linkIs(page, 'live')
    await load.publish(RATE, 5)
    await page.locator('[role="treegrid"] [aria-level="3"]').first().click()
    await page.locator('aside pre').waitFor()
    await browser.startTracing(page, { categories: ['toplevel'] })
    const publishing = load.publish(RATE, SECONDS)
    const tasks: Tasks = await page.evaluate(probe(SECONDS * 1_000 - 2_000))
    const busiest = longestOf(await browser.stopTracing())
    const shown = await page.locator('main p').first().innerText()
    const { acknowledged, seconds, p99 } = await publishing
    say(
      `  ${shown}; ${Math.round(acknowledged / seconds)} acknowledged a second, PUBACK p99 ${p99?.toFixed(1)} ms`,
    )
    say(`  ${tasks.longest.length} tasks over 50 ms, ${tasks.framesPerSecond.toFixed(1)} frames a second`)
    const how = `Chromium at 1366x768, ${TOPICS} topics of as many gateways, all levels open, ${RATE} messages/s for ${SECONDS} s, scrolling, ${measured}`
    printFigure({ name: 'topics.longest-task', value: Math.max(0, ...tasks.longest), unit: 'ms', how })
    // Without what other programs took of the processor meanwhile.
    printFigure({ name: 'topics.longest-task.cpu', value: busiest, unit: 'ms', how })
    printFigure({ name: 'topics.frames', value: tasks.framesPerSecond, unit: '1/s', how })
  } finally {
    await browser.close()
    await Promise.allSettled([load.stop()])
    await site.remove()
  }
}

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** µs of processor time. */
  tdur?: number
  args?: { name?: string }
}

/** ms of processor time that the longest task of a page's main thread took. */
function longestOf(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(thread),
  )
  let longest = 0
  for (const event of traceEvents) {
    if (!event.name.endsWith('RunTask') || !main.has(thread(event))) continue
    longest = Math.max(longest, event.tdur ?? 0)
  }
  return longest / 1_000
}
