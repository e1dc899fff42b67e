import { factText } from '#contract/fact-text.ts'
import { type FindingId, findings, findingText } from '#contract/findings.ts'
import {
  type Confidence,
  confidences,
  type DoctorStage,
  doctorStages,
  type Fact,
  type Finding,
  type Remedy,
} from '#contract/model/doctor.ts'
import type { ShownCertificate } from '#contract/model/refusal.ts'
import { type Case, type Seen, shownIn } from './case.ts'
import { code, number, text, time } from './facts.ts'
import { handshakeRules } from './rules/handshake-rules.ts'
import { identityRules } from './rules/identity-rules.ts'
import { messageReasons, messageRules } from './rules/message-rules.ts'
import type { RefusalRule } from './rules/rule.ts'
import { portOf, silenceRules, stateRules } from './rules/state-rules.ts'

const rules: readonly RefusalRule[] = [...handshakeRules, ...messageRules, ...identityRules]
const severities = ['trouble', 'warning', 'note'] as const
/** A refusal this much older than the newest one is of an earlier trouble, ms. */
const EARLIER = 3_600_000
const ELSEWHERE_SHOWN = 3

type Found = Finding & { lastAt: number }

/** Troubles that are no one gateway's. */
const ofTheSite: ReadonlySet<FindingId> = new Set(['site_loopback_only', 'store_stalled'])

/** All that is wrong, the most likely first; `connected` where nothing is. */
export function findAll(about: Case): Finding[] {
  const found = [...fromRefusals(about), ...fromState(about)]
  if (!found.some(({ id, severity }) => severity === 'trouble' && !ofTheSite.has(id)))
    found.push(...(about.connection ? [connected(about)] : fromSilence(about)))
  found.push(...fromElsewhere(about))
  return onlyOnce(found)
    .toSorted(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
        confidences.indexOf(a.confidence) - confidences.indexOf(b.confidence) ||
        b.lastAt - a.lastAt ||
        doctorStages.indexOf(a.stage) - doctorStages.indexOf(b.stage),
    )
    .map(({ lastAt: _, ...finding }) => finding)
}

/** The rule that words this refusal. */
export function ruleFor(seen: Seen, about: Case): RefusalRule | undefined {
  const { reason, evidence } = seen
  return rules.find(
    ({ reasons, failures, firstBytes, when }) =>
      reasons.includes(reason) &&
      isAmong(evidence?.failure, failures) &&
      isAmong(evidence?.firstBytes, firstBytes) &&
      (when === undefined || when(seen, about)),
  )
}

/** Whether it is one of these; any, where none are named. */
function isAmong<T>(seen: T | null | undefined, wanted: readonly T[] | undefined): boolean {
  return wanted === undefined || (seen !== null && seen !== undefined && wanted.includes(seen))
}

function fromRefusals(about: Case): Found[] {
  const all = [...about.refusals, ...about.strangers]
  const newest = Math.max(...all.map(({ lastAt }) => lastAt))
  return all.flatMap((seen) => {
    const rule = ruleFor(seen, about)
    if (rule === undefined) return []
    const asked =
      typeof rule.confidence === 'function' ? rule.confidence(seen, about) : (rule.confidence ?? 'certain')
    const isStranger = about.strangers.includes(seen) && about.kind === 'gateway' && !isNamed(seen, about)
    // Of what only shares the address, or was before another trouble, nothing is sure.
    const doubt = Number(isStranger) + Number(newest - seen.lastAt > EARLIER)
    const facts = [...(rule.facts?.(seen, about) ?? []), ...factsOf(seen, about)]
    const certificate = shownIn(seen)
    const finding = make(about, rule.id, {
      facts,
      confidence: less(asked, doubt),
      certificate,
      remedies: rule.remedies,
    })
    // Somebody else is at the door while the gateway itself is in.
    const isOther = about.connection !== null && !messageReasons.has(seen.reason)
    return [
      {
        ...finding,
        ...(isOther && finding.severity === 'trouble' && { severity: 'warning' }),
        lastAt: seen.lastAt,
      },
    ]
  })
}

/** It says or shows a name of the gateway. */
function isNamed({ clientId, evidence }: Seen, { gateway, clientId: own }: Case): boolean {
  const subject = evidence?.certificate?.subject.toLowerCase() ?? ''
  const named = [own, gateway?.mac, gateway?.id].some(
    (name) => name && subject.includes(`cn=${name.toLowerCase()}`),
  )
  return named || (clientId !== null && (clientId === own || clientId.toLowerCase() === gateway?.mac))
}

function fromState(about: Case): Found[] {
  return stateRules.flatMap((rule) => {
    const facts = rule.find(about)
    if (facts === null) return []
    const confidence =
      typeof rule.confidence === 'function' ? rule.confidence(about) : (rule.confidence ?? 'certain')
    return [{ ...make(about, rule.id, { facts, confidence, remedies: rule.remedies }), lastAt: about.now }]
  })
}

function fromSilence(about: Case): Found[] {
  for (const { id, find, confidence: asked, remedies } of silenceRules) {
    const facts = find(about)
    if (facts === null) continue
    const confidence = typeof asked === 'function' ? asked(about) : (asked ?? 'certain')
    return [{ ...make(about, id, { facts, confidence, remedies }), lastAt: about.now }]
  }
  return []
}

/** Of a gateway that is away: who is refused without a name, for it may be this one. */
function fromElsewhere(about: Case): Found[] {
  if (about.kind !== 'gateway' || about.connection !== null) return []
  const byAddress = new Map(about.elsewhere.toReversed().map((seen) => [seen.address, seen]))
  return [...byAddress.values()].slice(0, ELSEWHERE_SHOWN).map((seen) => {
    const facts = [
      ...code('address', seen.address),
      ...number('count', seen.count),
      ...time('lastAt', seen.lastAt),
      { name: 'reason', kind: 'word' as const, value: seen.reason },
    ]
    const remedies: Remedy[] = ['examine']
    return { ...make(about, 'stranger', { facts, confidence: 'possible', remedies }), lastAt: seen.lastAt }
  })
}

function connected(about: Case): Found {
  const { connection } = about
  const facts = [
    ...time('since', connection?.since),
    ...code('address', connection?.address),
    ...text('tls', connection?.tls),
    ...number('received', connection?.received),
  ]
  return { ...make(about, 'connected', { facts, confidence: 'certain' }), lastAt: about.now }
}

/** What every refusal tells. */
function factsOf(seen: Seen, about: Case): Fact[] {
  const { evidence } = seen
  return [
    ...code('address', seen.address),
    ...number('port', evidence?.port ?? portOf(about)),
    ...number('count', seen.count),
    ...time('firstAt', seen.firstAt),
    ...time('lastAt', seen.lastAt),
    ...code('refusal', seen.reason),
    ...text('tls', evidence?.tls),
    ...code('cipher', evidence?.cipher),
    ...code('serverName', evidence?.serverName),
    ...code('clientId', seen.clientId),
    ...code('topic', seen.topic),
    ...text('detail', seen.detail),
    ...code('fingerprint', seen.fingerprint),
    ...time('clock', evidence?.clock),
  ]
}

interface Made {
  facts: readonly Fact[]
  confidence: Confidence
  certificate?: ShownCertificate | null
  remedies?: readonly Remedy[] | undefined
}

function make(
  about: Case,
  id: FindingId,
  { facts, confidence, certificate = null, remedies = [] }: Made,
): Finding {
  const { stage, severity } = findings[id] as { stage: DoctorStage; severity: Finding['severity'] }
  // The first of a name counts: a rule says it better than what all have.
  const known = [...new Map(facts.toReversed().map((fact) => [fact.name, fact])).values()].toReversed()
  const values = {
    subject: about.subject,
    ...Object.fromEntries(known.map((fact) => [fact.name, factText(fact)])),
  }
  return {
    id,
    stage,
    severity,
    confidence,
    title: findingText(id, 'title', values),
    why: findingText(id, 'why', values),
    fix: findingText(id, 'fix', values),
    facts: known,
    certificate,
    remedies: [...remedies],
  }
}

function less(confidence: Confidence, doubt: number): Confidence {
  const at = Math.min(confidences.indexOf(confidence) + doubt, confidences.length - 1)
  return confidences[at] ?? 'possible'
}

/** One finding stands once, but for boxes at several addresses. */
function onlyOnce(found: Found[]): Found[] {
  const kept = new Map<string, Found>()
  for (const finding of found) {
    const key = finding.id === 'stranger' ? `stranger ${finding.title}` : finding.id
    const earlier = kept.get(key)
    if (!earlier || earlier.lastAt < finding.lastAt) kept.set(key, finding)
  }
  return [...kept.values()]
}
