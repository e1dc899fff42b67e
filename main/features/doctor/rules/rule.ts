import type { FindingId } from '#contract/findings.ts'
import type { Confidence, Fact, Remedy } from '#contract/model/doctor.ts'
import type { FirstBytes, RefusalReason, TlsFailure } from '#contract/model/refusal.ts'
import type { Case, Seen } from '#features/doctor/case.ts'

/** What kind of refusals means what. The first that fits is taken; what is left out is not asked. */
export interface RefusalRule {
  id: FindingId
  reasons: readonly RefusalReason[]
  failures?: readonly TlsFailure[]
  firstBytes?: readonly FirstBytes[]
  when?(seen: Seen, about: Case): boolean
  /** `certain` where left out. */
  confidence?: Confidence | ((seen: Seen, about: Case) => Confidence)
  /** Beside those that every refusal has. */
  facts?(seen: Seen, about: Case): Fact[]
  remedies?: readonly Remedy[]
}

/** What all else that is known means. Each is asked by itself. */
export interface StateRule {
  id: FindingId
  /** What it found, or null. */
  find(about: Case): Fact[] | null
  confidence?: Confidence | ((about: Case) => Confidence)
  remedies?: readonly Remedy[]
}
