import {
  type Check,
  type DoctorStage,
  doctorStages,
  type Fact,
  type Finding,
} from '#contract/model/doctor.ts'
import { type Case, type Seen, shownIn } from './case.ts'
import { code, list, number, text, time } from './facts.ts'

/** Of a step, the first few. */
const TOPICS_SHOWN = 2

/** The way of a connection, step by step: how far it came, and what would become of the rest. Empty without a gateway. */
export function checksOf(about: Case, findings: readonly Finding[]): Check[] {
  if (about.gateway === null) return []
  const isIn = about.connection !== null
  const worst = findings.find(({ severity }) => severity === 'trouble')
  const failedAt = worst === undefined ? doctorStages.length : doctorStages.indexOf(worst.stage)
  const [newest] = [...about.refusals, ...about.strangers].toSorted((a, b) => b.lastAt - a.lastAt)
  return doctorStages.map((stage, index) => ({
    stage,
    result: resultOf(stage, { index, failedAt, isIn, findings, about }),
    facts: factsOf(stage, about, newest),
  }))
}

interface At {
  index: number
  failedAt: number
  isIn: boolean
  findings: readonly Finding[]
  about: Case
}

function resultOf(stage: DoctorStage, { index, failedAt, isIn, findings, about }: At): Check['result'] {
  const own = findings.find((finding) => finding.stage === stage && finding.severity !== 'note')
  if (index === failedAt) return 'failed'
  if (index < failedAt) {
    if (own?.severity === 'warning' && own.id !== 'stranger') return 'warned'
    // Without a session or a refusal that came so far nothing was seen.
    return isIn || failedAt < doctorStages.length ? 'passed' : 'unknown'
  }
  if (own?.severity === 'trouble' && own.confidence === 'certain') return 'failed'
  return wouldPass(stage, about) ? 'would_pass' : 'not_reached'
}

/** What the site knows of it without seeing it. */
function wouldPass(stage: DoctorStage, { gateway, certificates, now }: Case): boolean {
  const active = certificates.find(({ state }) => state === 'active')
  const isWithout = gateway?.credential === 'secret'
  switch (stage) {
    case 'validity':
      return !isWithout && active !== undefined && active.notBefore <= now && now < active.notAfter
    case 'identity':
      return (
        (gateway?.state === 'active' || gateway?.state === 'claimed') && (isWithout || active !== undefined)
      )
    case 'reached':
    case 'tls':
    case 'site_trusted':
    case 'issuer':
    case 'client_id':
    case 'topics':
    case 'readings':
      return false
  }
}

function factsOf(stage: DoctorStage, about: Case, newest: Seen | undefined): Fact[] {
  const { connection, gateway, certificates, topics, row, doors } = about
  const active = certificates.find(({ state }) => state === 'active')
  const shown = newest && shownIn(newest)
  switch (stage) {
    case 'reached':
      return [
        ...code('address', connection?.address ?? newest?.address ?? about.lastAddress),
        ...(connection ? time('since', connection.since) : number('count', newest?.count)),
        ...(connection ? [] : time('lastAt', newest?.lastAt ?? about.lastOnlineAt)),
      ]
    case 'tls':
      return [
        ...text('tls', connection?.tls ?? newest?.evidence?.tls),
        ...code('cipher', connection ? null : newest?.evidence?.cipher),
      ]
    case 'site_trusted':
      return [...code('serverName', newest?.evidence?.serverName), ...list('names', doors.names)]
    case 'issuer':
      return gateway?.credential === 'secret' ? [] : text('issuer', shown?.issuer ?? active?.issuer)
    case 'validity':
      return time('notAfter', shown?.notAfter ?? active?.notAfter)
    case 'identity':
      return [
        { name: 'state', kind: 'word', value: `state_${gateway?.state ?? 'active'}` },
        ...code('fingerprint', active?.fingerprint.slice(0, 16)),
      ]
    case 'client_id':
      return code('clientId', connection?.mqttClientId ?? newest?.clientId ?? about.clientId)
    case 'topics':
      return list('allowed', topics.publish.slice(0, TOPICS_SHOWN))
    case 'readings':
      return row?.latest ? time('lastAt', row.lastSeenAt) : []
  }
}
