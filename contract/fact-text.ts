import type { Fact } from './model/doctor.ts'

/** The words that facts of kind `word` stand for; anything else is a name with underscores. */
const words: Readonly<Record<string, string>> = {
  disconnected: 'it said goodbye itself',
  connection_lost: 'the connection was lost',
  keepalive_missed: 'it was silent for longer than its keepalive',
  taken_over: 'another session of it took over',
  suspended: 'it was suspended',
  revoked: 'its credential was revoked',
  refused: 'it was refused',
  site_stopped: 'the site was stopped',
  disconnected_by_operator: 'a person ended its session',
  listener_closed: 'its port was closed',
  tenant_suspended: 'its tenant was suspended',
  password_gateways_off: 'its tenant no longer lets it in with a password',
  quota_exceeded: 'its tenant had used up its messages',
  alert_bad_certificate: 'bad certificate',
  alert_certificate_unknown: 'certificate unknown',
  alert_unsupported_certificate: 'unsupported certificate',
  alert_name: 'unrecognized name',
}

/** As English text has it, for the command line and REST. */
export function factText({ kind, value }: Fact): string {
  switch (kind) {
    case 'time':
      return `${new Date(Number(value)).toISOString().replace('T', ' ').slice(0, 19)} UTC`
    case 'span':
      return spanInEnglish(Number(value))
    case 'word':
      return words[String(value)] ?? String(value).replaceAll('_', ' ')
    case 'text':
    case 'code':
    case 'number':
    case 'list':
      return String(value)
  }
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

function spanInEnglish(ms: number): string {
  const [unit, length] = units.find(([, long]) => ms >= long) ?? ['second', 1_000]
  const count = Math.max(1, Math.floor(ms / length))
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
