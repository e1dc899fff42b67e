import { identityFindings } from './findings/identity.ts'
import { reachingFindings } from './findings/reaching.ts'
import { sessionFindings } from './findings/session.ts'

/**
 * All that the connection doctor can find, in English sentences for the command line and REST: what it is, why, and what to
 * do. The UI words them in the person's language (`resources/locales/<language>/doctor.json`).
 */
export const findings = { ...reachingFindings, ...identityFindings, ...sessionFindings }

export type FindingId = keyof typeof findings
export type FindingPart = 'title' | 'why' | 'fix'

/** A sentence with these values in its places. */
export function findingText(
  id: FindingId,
  part: FindingPart,
  values: Readonly<Record<string, string>>,
): string {
  return findings[id][part].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '–')
}
