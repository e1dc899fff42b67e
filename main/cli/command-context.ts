import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { ExitCode } from './exit-code.ts'
import type { Output } from './output.ts'
import { connectSite, type SiteConnection, type SiteOptions } from './site/connect-site.ts'

/** Flags of every command that talks to a site. */
export interface SiteFlags extends SiteOptions {
  json?: boolean
}

/** What a command has at hand. */
export class CommandContext {
  readonly output: Output
  readonly now: () => number
  exitCode: number = ExitCode.ok
  #interrupt: AbortController | null = null

  constructor(output: Output, now: () => number) {
    this.output = output
    this.now = now
  }

  /** Connects as the command's flags say, runs, signs out whatever happens. */
  async withSite(command: Command, run: (site: SiteConnection) => Promise<void>): Promise<void> {
    const site = await connectSite(chooseSite(command))
    try {
      await run(site)
    } finally {
      await site.close()
    }
  }

  /** Aborts on the first Ctrl-C or SIGTERM, so that a long command can end cleanly; the second one ends it at once. */
  get interrupt(): AbortSignal {
    if (this.#interrupt === null) {
      const controller = new AbortController()
      this.#interrupt = controller
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => controller.abort(new CliError('interrupted', 'Interrupted')))
      }
    }
    return this.#interrupt.signal
  }
}

/** A flag beats the environment; of two environment variables the address wins, for it was set to reach elsewhere. */
export function chooseSite(command: Command): SiteOptions {
  const options: SiteOptions = { ...command.opts(), apiKey: process.env['MILLWRIGHT_API_KEY'] || undefined }
  if (options.data === undefined || options.url === undefined) return options
  const flag = (name: string): boolean => command.getOptionValueSource(name) === 'cli'
  if (flag('data') && flag('url')) throw new CliError('usage', 'Give either --data or --url, not both')
  return flag('data') ? { ...options, url: undefined } : { ...options, data: undefined }
}
