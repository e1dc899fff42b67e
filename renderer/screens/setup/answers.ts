import { passwordFault } from '#contract/model/password-strength.ts'

/** What the wizard has asked so far. */
export interface Answers {
  code: string
  siteName: string
  email: string
  adminName: string
  password: string
  repeat: string
  addresses: string[]
  name: string
}

export const noAnswers: Answers = {
  code: '',
  siteName: '',
  email: '',
  adminName: '',
  password: '',
  repeat: '',
  addresses: [],
  name: '',
}

export type Step = 'code' | 'site' | 'admin' | 'network' | 'summary' | 'result'

/** The questions in their order. The code is asked only of those who are not at the machine itself. */
export function stepsOf(codeRequired: boolean): readonly Step[] {
  const questions: Step[] = ['site', 'admin', 'network', 'summary']
  return codeRequired ? ['code', ...questions] : questions
}

/** Fields with something to correct, by the key of the text that says what is expected. */
export type Faults = Partial<Record<keyof Answers, string>>

/** What is wrong with the answers of a step; empty when one can go on. */
export function faultsOf(step: Step, answers: Answers): Faults {
  const faults: Faults = {}
  if (step === 'code' && answers.code.trim() === '') faults.code = 'codeMissing'
  if (step === 'site' && answers.siteName.trim() === '') faults.siteName = 'siteMissing'
  if (step === 'admin') {
    if (!looksLikeEmail(answers.email)) faults.email = 'emailInvalid'
    const fault = passwordFault(answers.password, ownWords(answers), { classes: false })
    if (fault === 'password_too_short') faults.password = 'passwordShort'
    else if (fault !== null) faults.password = 'passwordWeak'
    if (answers.repeat !== answers.password) faults.repeat = 'repeatDiffers'
  }
  if (step === 'network') {
    if (answers.addresses.length === 0) faults.addresses = 'addressMissing'
    if (answers.name.trim() !== '' && !looksLikeHostName(answers.name)) faults.name = 'nameInvalid'
  }
  return faults
}

export function looksLikeEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text.trim())
}

/** RFC 1123 2.1: letters, digits and dashes in labels of at most 63. */
export function looksLikeHostName(text: string): boolean {
  const name = text.trim()
  return (
    name.length <= 253 &&
    name.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
  )
}

/** NIST SP 800-63B 5.1.1.2: the service's or the person's name makes bad passwords. */
export function ownWords({ email, adminName, siteName }: Answers): string[] {
  return [email, adminName, siteName, 'millwright']
}
