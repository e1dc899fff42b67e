import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useCloud } from '../use-cloud.ts'
import { AddressStep } from './address-step.tsx'
import { type Answers, noAnswers, type Step, steps } from './answers.ts'
import own from './join.module.css'
import { LimitsStep } from './limits-step.tsx'
import { ResultStep } from './result-step.tsx'
import { ServerStep } from './server-step.tsx'
import { SummaryStep } from './summary-step.tsx'
import { WhatStep } from './what-step.tsx'

/** Joining a cloud: five questions, and nothing leaves the site before the last is answered. */
export function JoinCloudScreen() {
  const { t } = useTranslation('cloud')
  const { value, error } = useCloud()
  const [hasJoined, setHasJoined] = useState(false)
  if (value?.joined === true && !hasJoined) return <Navigate to="/cloud" replace />
  return (
    <Page title={t('join.title')}>
      {error !== undefined ? (
        <ErrorNote error={error} />
      ) : value === undefined ? (
        <Skeleton />
      ) : (
        <Wizard hasJoined={hasJoined} onJoined={() => setHasJoined(true)} />
      )}
    </Page>
  )
}

function Wizard({ hasJoined, onJoined }: { hasJoined: boolean; onJoined(): void }) {
  const { t } = useTranslation('cloud')
  const navigate = useNavigate()
  const [step, setStep] = useState<Step>('address')
  const [answers, setAnswers] = useState<Answers>(noAnswers)
  const change = (part: Partial<Answers>) => setAnswers((before) => ({ ...before, ...part }))
  const at = steps.indexOf(step)
  const common = {
    answers,
    change,
    onNext: () => setStep(steps[at + 1] ?? step),
    onBack: () => {
      const before = steps[at - 1]
      if (before === undefined) void navigate({ to: '/cloud' })
      else setStep(before)
    },
  }
  return (
    <Card className={own.wizard ?? ''} label={t('join.title')}>
      <Steps reached={hasJoined ? steps.length : at} />
      {hasJoined ? (
        <ResultStep />
      ) : (
        <>
          {step === 'address' && <AddressStep {...common} />}
          {step === 'server' && <ServerStep {...common} />}
          {step === 'what' && <WhatStep {...common} />}
          {step === 'limits' && <LimitsStep {...common} />}
          {step === 'summary' && (
            <SummaryStep
              {...common}
              goTo={setStep}
              onJoined={() => {
                // The password is not needed any more.
                setAnswers(noAnswers)
                onJoined()
              }}
            />
          )}
        </>
      )}
      <p className="visually-hidden" aria-live="polite">
        {hasJoined
          ? t('join.result.title')
          : t('join.stepOf', { number: at + 1, all: steps.length, name: t(`join.step.${step}`) })}
      </p>
    </Card>
  )
}

function Steps({ reached }: { reached: number }) {
  const { t } = useTranslation('cloud')
  return (
    <ol className={own.steps}>
      {steps.map((name, index) => (
        <li key={name} aria-current={index === reached ? 'step' : undefined}>
          <span className={own.stepNumber}>
            {index < reached ? <Icon name="check" size={14} /> : index + 1}
          </span>
          {t(`join.step.${name}`)}
        </li>
      ))}
    </ol>
  )
}
