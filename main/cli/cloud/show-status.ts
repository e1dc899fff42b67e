import type { CloudView } from '#contract/api/cloud.ts'
import { assertNever, errorText, isErrorCode } from '#contract/errors.ts'
import type { CloudDeleted, CloudState, CloudStatus, CodedProblem } from '#contract/model/cloud.ts'
import type { CommandContext } from '../command-context.ts'
import { isoTime } from '../time-argument.ts'

/** How the link is, in words. */
export function showStatus({ output }: CommandContext, flags: { json?: boolean }, view: CloudView): void {
  if (flags.json) {
    output.json(view)
    return
  }
  if (!view.joined) {
    output.line('This site has not joined a cloud')
    if (view.left !== null) output.line(`The last one was left; deleted there: ${deletedText(view.left)}`)
    return
  }
  const { status } = view
  const { address, backlog, server } = status
  output.facts([
    ['Cloud', `${address.host}:${address.port}/${address.database}, as ${status.siteName}`],
    ['State', wordOf(status.state)],
    ['Problem', status.problem && problemText(status.problem)],
    ['Deleted there', status.leaving && deletedText(status.leaving)],
    ['Next try', status.retryAt === null ? null : isoTime(status.retryAt)],
    ['Waiting', `${backlog.readings ?? '?'} readings, ${backlog.objects} objects`],
    ['Oldest', backlog.oldestAt === null ? null : isoTime(backlog.oldestAt)],
    ['Rate', `${status.readingsPerSecond} readings/s, ${status.bytesPerSecond} bytes/s`],
    ['Last success', isoTime(status.lastSuccessAt)],
    ['Refused', status.deadLetters],
    ['Conflicts', status.conflicts],
    ['Limits', limitsText(status)],
    ['Server', server && `Postgres ${server.version}, schema ${server.schemaVersion}, ${server.storage}`],
    ['Clock', status.clockOffset === null ? null : `${status.clockOffset} ms from the cloud's`],
    ['Joined', `${isoTime(status.joinedAt)} by ${status.joinedByName}`],
  ])
  output.line()
  output.table(
    ['TENANT', 'MODE', 'WAITING', 'SENT', 'LOST', 'REFUSED', 'LAST SUCCESS', 'PROBLEM'],
    status.tenants.map((tenant) => [
      tenant.slug,
      tenant.mode,
      tenant.backlog.readings ?? '?',
      tenant.readingsSent,
      tenant.readingsLost,
      tenant.deadLetters,
      isoTime(tenant.lastSuccessAt),
      tenant.problem === null ? '-' : problemText(tenant.problem),
    ]),
  )
  // Those under way, and what comparisons found.
  const sweeps = status.sweeps.filter(({ kind, endedAt }) => endedAt === null || kind === 'resync')
  if (sweeps.length === 0) return
  output.line()
  output.table(
    ['PASS', 'ID', 'SENT', 'OF', 'DAYS COMPARED', 'MENDED', 'ONLY THERE', 'NEWER THERE', 'ENDED'],
    sweeps.map((sweep) => [
      sweep.kind,
      sweep.id,
      sweep.sent,
      sweep.total ?? '?',
      sweep.compared,
      sweep.mended,
      sweep.onlyThere === 0 ? 0 : `${sweep.onlyThere} on ${sweep.onlyThereDays} days`,
      sweep.newerThere,
      isoTime(sweep.endedAt),
    ]),
  )
}

export function problemText({ code, data }: CodedProblem): string {
  return isErrorCode(code) ? errorText(code, data) : code
}

function wordOf(state: CloudState): string {
  switch (state) {
    case 'connecting':
      return 'connecting'
    case 'live':
      return 'live'
    case 'catching_up':
      return 'catching up'
    case 'held_up':
      return 'linked, but not everything goes'
    case 'waiting':
      return 'no link, tried again by itself'
    case 'paused':
      return 'paused'
    case 'outside_window':
      return 'waits for its hours'
    case 'leaving':
      return 'leaving: what was sent is being deleted there'
    case 'stopped':
      return 'stopped: a person must mend something'
    default:
      return assertNever(state)
  }
}

export function deletedText({ deletedReadings, deletedObjects }: CloudDeleted): string {
  return `${deletedReadings} readings, ${deletedObjects} objects`
}

function limitsText({ limits }: CloudStatus): string {
  const { bytesPerSecond, window, sendsPasswordHashes, takesTenants } = limits
  const hours = window === null ? 'at any hour' : `${timeOf(window.from)}-${timeOf(window.to)}`
  const speed = bytesPerSecond === null ? 'no speed limit' : `${bytesPerSecond} bytes/s`
  const hashes = `${sendsPasswordHashes ? 'with' : 'without'} password hashes`
  return `${speed}, ${hours}, ${hashes}, tenants of the cloud ${takesTenants ? 'come here' : 'stay there'}`
}

/** `22:00`, of minutes after midnight. */
function timeOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
