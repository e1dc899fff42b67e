import { createInterface } from 'node:readline'
import type { RestClient } from '#client/rest-client.ts'
import { ExpectedError, isErrorCode } from '#contract/errors.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { siteError } from '../site/site-error.ts'
import { printable } from '../table.ts'

export interface MonitorFlags extends SiteFlags {
  port: string
  baud?: number
  reset?: boolean
  filter?: string
  crlf?: boolean
}

type MonitorEvent =
  Awaited<ReturnType<RestClient['bench']['monitor']>> extends AsyncIterable<infer Event> ? Event : never
type Line = Extract<MonitorEvent, { event: 'lines' }>['lines'][number]

/**
 * What a board says, until Ctrl-C or until its port is gone; lines of standard input are sent to it.
 *
 * @throws ExpectedError what the site refuses with, or what the port ended with
 */
export async function monitorBoard(
  { output, interrupt }: CommandContext,
  { client }: SiteConnection,
  flags: MonitorFlags,
): Promise<void> {
  const wanted = flags.filter?.toLowerCase()
  const order = { port: flags.port, ...given({ baud: flags.baud, reset: flags.reset }) }
  const events = await client.bench.monitor(order, { signal: interrupt })
  const input = createInterface({ input: process.stdin })
  try {
    for await (const event of events) {
      switch (event.event) {
        case 'open':
          forward(
            input,
            client,
            { monitorId: event.monitorId, end: flags.crlf === true ? '\r\n' : '\n' },
            (text) => output.note(text),
          )
          break
        case 'lines':
          if (event.dropped > 0) output.note(`${event.dropped} lines came too fast and are left out`)
          for (const line of event.lines) if (fits(line, wanted)) show(line)
          break
        case 'closed':
          throw closed(event.code, event.message)
      }
    }
  } catch (error) {
    if (!interrupt.aborted) throw siteError(error)
  } finally {
    input.close()
    // An open standard input would keep the program.
    process.stdin.unref?.()
  }

  function show(line: Line): void {
    if (flags.json) output.json(line)
    else output.line(`${clock(line.at)}  ${printable(line.text)}${meaningOf(line)}`)
  }
}

function forward(
  input: ReturnType<typeof createInterface>,
  client: RestClient,
  { monitorId, end }: { monitorId: string; end: '\n' | '\r\n' },
  tell: (text: string) => void,
): void {
  input.on('line', (text) => {
    client.bench.sendToBoard({ monitorId, text, end }).catch((error: unknown) => {
      const failed = siteError(error)
      tell(`Not sent: ${failed instanceof Error ? failed.message : String(failed)}`)
    })
  })
}

function fits({ text, meaning }: Line, wanted: string | undefined): boolean {
  return wanted === undefined || text.toLowerCase().includes(wanted) || meaning === wanted
}

/** `reset` and the like in words, with what is known of it. */
function meaningOf({ meaning, data }: Line): string {
  if (meaning === null) return ''
  const known = Object.entries(data)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value}`)
  return `   << ${meaning.replaceAll('_', ' ')}${known.length === 0 ? '' : `: ${printable(known.join(', '))}`}`
}

/** Of this machine's day, to the ms. */
function clock(at: string): string {
  const time = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const ms = String(time.getMilliseconds()).padStart(3, '0')
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`
}

function closed(code: string, message: string): Error {
  if (isErrorCode(code)) return Object.assign(new ExpectedError(code, {}), { message })
  return new CliError('site_failed', `The monitor ended: ${message}`)
}
