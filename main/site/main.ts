import { ExpectedError } from '#contract/errors.ts'
import { createEngine, type Engine, type EngineAddresses, type EngineOptions } from '#engine/create-engine.ts'
import { createLog } from '#platform/log/log.ts'
import { defaultDataDir } from './data-dir.ts'

export interface SiteOptions {
  /** Else MILLWRIGHT_DATA, else the user's own data folder. */
  dataDir?: string
  /** A throw-away site with simulated gateways; `dataDir` is not used. */
  demo?: boolean
  addresses?: string[]
  ports?: EngineOptions['ports']
  mqttListeners?: EngineOptions['mqttListeners']
  passphrase?: string
  recoveryCode?: string
}

/**
 * Runs a site in this process until it is told to stop (SIGINT, SIGTERM); a second signal does not wait.
 * Prints one line on stdout when it accepts connections. Resolves with the exit code.
 */
export async function runSite(options: SiteOptions): Promise<number> {
  const log = createLog()
  // A bug, and logged as one; readings in flight are worth more than a restart.
  process.on('unhandledRejection', (err) => log.error({ err }, 'a promise failed and nobody was told'))
  if (options.demo) {
    const { runDemo } = await import('./demo/run-demo.ts')
    return runDemo(options, log, (engine) => untilStopped(engine))
  }
  const engine = createEngine({
    dataDir: options.dataDir ?? (process.env['MILLWRIGHT_DATA'] || defaultDataDir()),
    host: 'site',
    log,
    ...(options.addresses && { addresses: options.addresses }),
    ...(options.ports && { ports: options.ports }),
    ...(options.mqttListeners && { mqttListeners: options.mqttListeners }),
    siteKey: {
      ...(options.passphrase !== undefined && { passphrase: options.passphrase }),
      ...(options.recoveryCode !== undefined && { recoveryCode: options.recoveryCode }),
    },
    ...(process.env['MILLWRIGHT_METRICS_TOKEN'] && { metricsToken: process.env['MILLWRIGHT_METRICS_TOKEN'] }),
  })
  try {
    announce(await engine.start())
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    process.stderr.write(`millwright: ${error.message}\n`)
    return 1
  }
  return untilStopped(engine)
}

function announce(addresses: EngineAddresses): void {
  if (addresses.isSetUp) {
    process.stdout.write(`ready ${[...addresses.https, ...addresses.mqtts].join(' ')}\n`)
    process.stderr.write(`On this computer, without a certificate warning: ${addresses.http}\n`)
    return
  }
  process.stdout.write(`setup ${addresses.http} ${addresses.https[0]}\n`)
  process.stderr.write(
    [
      'This site is not set up yet. Open the address above and give this one-time code:',
      '',
      `    ${addresses.setupCode}`,
      '',
      `Over HTTPS the certificate's SHA-256 must be ${addresses.certificateFingerprint}.`,
      'Or set it up unattended: millwright setup --help',
      '',
    ].join('\n'),
  )
}

/** A repeat within this time is the same Ctrl-C: the terminal and npm both pass it on, ms. */
const SAME_SIGNAL = 1_000

/** Waits for a signal, then for the engine to stop; at most the ten seconds that a service manager gives. */
export function untilStopped(engine: Pick<Engine, 'stop'>): Promise<number> {
  return new Promise((resolve) => {
    let stoppingSince: number | null = null
    const stop = () => {
      const now = performance.now()
      if (stoppingSince !== null) {
        if (now - stoppingSince > SAME_SIGNAL) process.exit(1)
        return
      }
      stoppingSince = now
      setTimeout(() => process.exit(1), 10_000).unref()
      engine.stop().then(
        () => resolve(0),
        () => resolve(1),
      )
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })
}
