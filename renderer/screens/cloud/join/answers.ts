import type { CloudPreview } from '#contract/model/cloud.ts'
import { type LimitsForm, noLimits } from '../limits-form.ts'
import { type LoginForm, noLogin } from '../login-form.ts'
import type { Choices } from '../tenant-choice.ts'

export const steps = ['address', 'server', 'what', 'limits', 'summary'] as const
export type Step = (typeof steps)[number]

/** Everything that the questions brought out so far. Nothing of it is kept when the screen is left: it holds a password. */
export interface Answers {
  login: LoginForm
  /** The server as it answered; null: not asked yet, or asked with another login. */
  server: CloudPreview | null
  choices: Choices
  limits: LimitsForm
  /** The installation that used the login before is gone. */
  takeOver: boolean
}

export const noAnswers: Answers = {
  login: noLogin,
  server: null,
  choices: {},
  limits: noLimits,
  takeOver: false,
}

export interface StepProps {
  answers: Answers
  change(part: Partial<Answers>): void
  onNext(): void
  onBack: () => void
}

/** Which question a refusal at the end is about; null: none of them. */
export function stepToCorrect(code: string): Step | null {
  if (code === 'cloud_tenant_refused' || code === 'cloud_tenant_linked' || code === 'tenant_unknown')
    return 'what'
  if (code === 'cloud_login_used') return 'server'
  return code.startsWith('cloud_') && code !== 'cloud_joined_already' ? 'address' : null
}
