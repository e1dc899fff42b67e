import type { Refusal } from '#broker/port.ts'
import type { RefusalEvidence, RefusalReason } from '#contract/model/refusal.ts'

/** Repeats within this time are one event, ms. */
const WINDOW = 1_000
/** Different refusals followed at a time; beyond, only the reason counts. An attacker can make up any number. */
const FOLLOWED_MAX = 1_000
const TEXT_MAX = 160
// Control characters are what is replaced.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g

export interface Refused {
  reason: RefusalReason
  address: string
  gatewayId?: string | null
  mqttClientId?: string | null
  fingerprint?: string | null
  clientId?: string | null
  topic?: string | null
  detail?: string | null
  /** Asked of the first of its kind only: it costs more than to count. */
  evidence?: () => RefusalEvidence
}

/**
 * Passes refusals on: the first of its kind at once, repeats as one event with their count when the second is over.
 */
export class RefusalLog {
  total = 0
  private readonly emit: (refusal: Refusal) => void
  private readonly now: () => number
  /** `count` is what was seen since it was last passed on. */
  private readonly followed = new Map<string, Refusal>()
  private timer: NodeJS.Timeout | null = null

  constructor(emit: (refusal: Refusal) => void, now: () => number) {
    this.emit = emit
    this.now = now
  }

  record(refused: Refused): void {
    this.total += 1
    const refusal = bounded(refused, this.now())
    const { reason, gatewayId, mqttClientId, address, clientId, topic } = refusal
    let key = JSON.stringify([reason, gatewayId ?? mqttClientId, address, clientId, topic])
    if (!this.followed.has(key) && this.followed.size >= FOLLOWED_MAX) key = reason
    const earlier = this.followed.get(key)
    if (earlier) {
      this.followed.set(key, { ...refusal, evidence: earlier.evidence, count: earlier.count + 1 })
      return
    }
    refusal.evidence = refused.evidence?.() ?? null
    this.emit(refusal)
    this.followed.set(key, { ...refusal, count: 0 })
    this.timer ??= setInterval(() => this.sweep(), WINDOW).unref()
  }

  /** Passes on what was counted and not yet told. */
  stop(): void {
    this.sweep()
    if (this.timer) clearInterval(this.timer)
    this.timer = null
  }

  private sweep(): void {
    for (const [key, refusal] of this.followed) {
      if (refusal.count === 0) {
        this.followed.delete(key)
        continue
      }
      this.emit(refusal)
      this.followed.set(key, { ...refusal, count: 0 })
    }
    if (this.followed.size > 0 || !this.timer) return
    clearInterval(this.timer)
    this.timer = null
  }
}

function bounded(refused: Refused, at: number): Refusal {
  return {
    at,
    reason: refused.reason,
    address: refused.address,
    gatewayId: refused.gatewayId ?? null,
    mqttClientId: refused.mqttClientId ?? null,
    fingerprint: refused.fingerprint ?? null,
    clientId: shown(refused.clientId),
    topic: shown(refused.topic),
    detail: shown(refused.detail),
    evidence: null,
    count: 1,
  }
}

/** What a stranger sent, fit for a log and a screen. */
function shown(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  const short = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
  return short.replace(controlCharacters, '·').toWellFormed()
}
