import { ExpectedError } from '#contract/errors.ts'
import { createEngine, type Engine, type EngineOptions } from '#engine/create-engine.ts'
import type { Log } from '#platform/log/log.ts'
import { makeDemoFolder } from './demo-folder.ts'
import { DemoPlant } from './demo-plant.ts'

export interface DemoOptions {
  ports?: EngineOptions['ports']
}

/**
 * A throw-away site with a plant that lives, until `untilStopped` resolves; then its data is removed.
 * @returns the exit code
 */
export async function runDemo(
  { ports }: DemoOptions,
  log: Log,
  untilStopped: (site: Pick<Engine, 'stop'>) => Promise<number>,
): Promise<number> {
  const folder = await makeDemoFolder()
  const engine = createEngine({
    dataDir: folder.path,
    host: 'site',
    demo: true,
    log,
    ...(ports === undefined ? {} : { ports }),
  })
  const plant = new DemoPlant({
    engine,
    now: Date.now,
    onTrouble: (what, err) => log.warn({ what, err }, 'a part of the demo failed'),
  })
  try {
    await engine.start()
    // From here on a signal ends the demo, however far it has come.
    const stopped = untilStopped({ stop: () => stopAll(plant, engine) })
    await plant.start()
    process.stdout.write(`ready ${[engine.addresses.http, ...engine.addresses.mqtts].join(' ')}\n`)
    process.stderr.write(
      `A living plant, signed in: ${engine.addresses.http}\nIt is thrown away when this stops (Ctrl-C).\n`,
    )
    return await stopped
  } catch (error) {
    await stopAll(plant, engine)
    if (!(error instanceof ExpectedError)) throw error
    process.stderr.write(`millwright: ${error.message}\n`)
    return 1
  } finally {
    await folder.remove()
  }
}

/** Gateways first, so that they say goodbye to a site that still listens. */
async function stopAll(plant: DemoPlant, engine: Engine): Promise<void> {
  await plant.stop()
  await engine.stop()
}
