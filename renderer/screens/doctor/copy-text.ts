import { factText } from '#contract/fact-text.ts'
import type { Examination } from '#contract/model/doctor.ts'

/** As it is sent to whoever looks after the firmware: plain, in English, times in UTC. */
export function asPlainText({ at, subject, findings }: Examination): string {
  const parts = findings.map(({ id, title, why, fix, confidence, facts, certificate }) =>
    [
      `${title} (${id}, ${confidence})`,
      `Why: ${why}`,
      `Fix: ${fix}`,
      ...facts.map((fact) => `${fact.name}: ${factText(fact)}`),
      ...Object.entries(certificate ?? {}).map(([name, value]) => `certificate ${name}: ${value}`),
    ].join('\n'),
  )
  return [`Connection doctor: ${subject.name}, ${at.toISOString()}`, ...parts].join('\n\n')
}
