import { useQuery } from '@tanstack/react-query'
import { Navigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { setupQuery } from '#renderer/api/session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon, Logo } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { useTitle } from '#renderer/ui/use-title.ts'
import { type Answers, noAnswers, type Step, stepsOf } from './answers.ts'
import { NetworkQuestion } from './network-question.tsx'
import { AdminQuestion, CodeQuestion, SiteQuestion } from './questions.tsx'
import { Result } from './result.tsx'
import css from './setup.module.css'
import { Summary } from './summary.tsx'
import { type Begun, type Completed, proposedAddress, useBegin } from './use-setup.ts'

/** Three questions make a site. */
export function SetupScreen() {
  const { t } = useTranslation('setup')
  const status = useQuery(setupQuery)
  const [completed, setCompleted] = useState<Completed | null>(null)
  useTitle(t('title'))
  if (status.error !== null) {
    return (
      <Frame version="">
        <ErrorNote error={status.error} onRetry={() => void status.refetch()} />
      </Frame>
    )
  }
  if (status.data === undefined) return null
  // Once set up, this page is over; but not while its own result, shown once, is on the screen.
  if (status.data.done && completed === null) return <Navigate to="/login" replace />
  return (
    <Frame version={status.data.version}>
      <Wizard codeRequired={status.data.codeRequired} completed={completed} onCompleted={setCompleted} />
    </Frame>
  )
}

function Frame({ version, children }: { version: string; children: React.ReactNode }) {
  const { t } = useTranslation('setup')
  const format = useFormat()
  const now = useNow()
  return (
    <div className={css.page}>
      <div className={css.middle}>{children}</div>
      <footer className={css.status}>
        <span>Millwright {version}</span>
        <span>{isLoopback(location.hostname) ? t('loopback') : ''}</span>
        <span className="push">
          {format.time(now)} ({format.zone(now)})
        </span>
      </footer>
    </div>
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.')
}

function Wizard(props: {
  codeRequired: boolean
  completed: Completed | null
  onCompleted: (result: Completed) => void
}) {
  const { t } = useTranslation('setup')
  const steps = stepsOf(props.codeRequired)
  const [step, setStep] = useState<Step>(steps[0] ?? 'site')
  const [given, setGiven] = useState<Partial<Answers>>({})
  const [begun, setBegun] = useState<Begun | null>(null)
  // Without a code to check, the addresses are asked for at once.
  const early = useBegin(!props.codeRequired)
  const machine = begun ?? early.data ?? null

  // Until the person chooses, the proposed address stands.
  const proposed = proposedAddress(machine)
  const answers: Answers = {
    ...noAnswers,
    addresses: proposed === undefined ? [] : [proposed.address],
    ...given,
  }
  const change = (part: Partial<Answers>) => setGiven((before) => ({ ...before, ...part }))
  const go = (by: 1 | -1) => setStep((now) => steps[steps.indexOf(now) + by] ?? now)
  const common = {
    answers,
    change,
    onNext: () => go(1),
    ...(step === steps[0] ? {} : { onBack: () => go(-1) }),
  }
  const shown: Step = props.completed === null ? step : 'result'

  return (
    <main className={css.box}>
      <Side steps={steps} step={shown} answers={answers} />
      <div className={css.ask}>
        {early.error !== null && <ErrorNote error={early.error} onRetry={() => void early.refetch()} />}
        {shown === 'code' && <CodeQuestion {...common} onBegun={setBegun} />}
        {shown === 'site' && <SiteQuestion {...common} />}
        {shown === 'admin' && <AdminQuestion {...common} />}
        {shown === 'network' && <NetworkQuestion {...common} machine={machine} />}
        {shown === 'summary' && <Summary {...common} goTo={setStep} onCompleted={props.onCompleted} />}
        {shown === 'result' && props.completed !== null && (
          <Result answers={answers} completed={props.completed} />
        )}
        <p className="visually-hidden" aria-live="polite">
          {t(`step.${shown}`)}
        </p>
      </div>
    </main>
  )
}

function Side({ steps, step, answers }: { steps: readonly Step[]; step: Step; answers: Answers }) {
  const { t } = useTranslation('setup')
  const questions = steps.filter((name) => name !== 'summary')
  const reached = step === 'result' ? questions.length : steps.indexOf(step)
  const given: Partial<Record<Step, string>> = {
    site: answers.siteName,
    admin: answers.email,
    network: answers.addresses.join(', '),
  }
  return (
    <div className={css.side}>
      <div className={css.brand}>
        <Logo />
        Millwright
      </div>
      {questions.map((name, index) => (
        <div key={name} className={css.question} aria-current={name === step ? 'step' : undefined}>
          <span className={css.number}>{index < reached ? <Icon name="check" size={14} /> : index + 1}</span>
          <div style={{ minWidth: 0 }}>
            <div className={css.title}>{t(`step.${name}`)}</div>
            <div className={css.answer}>
              {index < reached ? (given[name] ?? '') : name === step ? t(`about.${name}`) : ''}
            </div>
          </div>
        </div>
      ))}
      <p className={`small sub ${css.promise}`}>{t('promise')}</p>
    </div>
  )
}
