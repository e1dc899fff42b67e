import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Examination } from '#contract/model/doctor.ts'
import { api, useLive } from '#renderer/api/client.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { AskForm } from './ask-form.tsx'
import { ChecksCard } from './checks-card.tsx'
import css from './doctor.module.css'
import { EvidenceCard } from './evidence-card.tsx'
import { OtherFindings } from './other-findings.tsx'
import { SelfTestCard } from './self-test-card.tsx'
import { SiteCard } from './site-card.tsx'
import { VerdictCard } from './verdict-card.tsx'

/** Why something is not connected, in words, with the evidence and the fix; live while it is open. */
export function DoctorScreen() {
  const search: { subject?: unknown } = useSearch({ strict: false })
  const subject = typeof search.subject === 'string' ? search.subject : ''
  return subject === '' ? <Nobody /> : <Asked key={subject} subject={subject} />
}

/** Nobody was asked about yet. */
function Nobody() {
  const { t } = useTranslation('doctor')
  const ofSite = useMe()?.reach === 'site'
  return (
    <Page title={t('title')} heading={<Heading />}>
      <div className={css.ask}>
        <h2>{t('ask.title')}</h2>
        <p className="sec">{t('ask.text')}</p>
        <AskForm />
      </div>
      {ofSite && <SiteCard />}
    </Page>
  )
}

function Asked({ subject }: { subject: string }) {
  const { t } = useTranslation('doctor')
  const format = useFormat()
  const ofSite = useMe()?.reach === 'site'
  const tenant = useTenantScope().tenant?.slug
  const [round, setRound] = useState(0)
  const input = { subject, ...(tenant !== undefined && { tenant }) }
  const { value, error } = useLive(['doctor', input, round], (signal) => api.doctor.watch(input, { signal }))
  const [first, ...others] = value?.findings ?? []
  return (
    <Page
      title={t('titleOf', { subject: value?.subject.name ?? subject })}
      heading={<Heading />}
      beside={value !== undefined && <Who examination={value} />}
      actions={
        <>
          {value !== undefined && (
            <span className="sub small" title={format.dateTime(value.at)}>
              {t('checked', { time: format.clock(value.at) })}
            </span>
          )}
          <Button leftSection={<Icon name="refresh" />} onClick={() => setRound((was) => was + 1)}>
            {t('again')}
          </Button>
          <Another />
        </>
      }
    >
      {error !== undefined && <ErrorNote error={error} />}
      {value === undefined && error === undefined && <Skeleton />}
      {value !== undefined && first !== undefined && (
        <>
          <VerdictCard
            finding={first}
            subject={value.subject}
            withWhy={!value.checks.some(({ stage, result }) => stage === first.stage && result === 'failed')}
          />
          <div className={value.checks.length > 0 ? css.two : css.one}>
            {value.checks.length > 0 && (
              <ChecksCard checks={value.checks} finding={first} subject={value.subject} />
            )}
            <EvidenceCard examination={value} finding={first} />
          </div>
          {others.length > 0 && <OtherFindings findings={others} subject={value.subject} />}
          <Tested examination={value} />
        </>
      )}
      {ofSite && <SiteCard />}
    </Page>
  )
}

function Heading() {
  const { t } = useTranslation('doctor')
  return (
    <div className={css.heading}>
      <Link to="/fleet" className="sub">
        {t('fleet')}
      </Link>
      <span className="sub" aria-hidden="true">
        /
      </span>
      <h1>{t('title')}</h1>
    </div>
  )
}

function Who({ examination: { subject } }: { examination: Examination }) {
  const { gateway, name } = subject
  if (gateway === null) return <span className="sec mono">{name}</span>
  return (
    <span className={`sec ellipsis ${css.who}`}>
      <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }}>
        {gateway.code}
      </Link>{' '}
      {gateway.name} · {gateway.tenant}
    </span>
  )
}

function Another() {
  const { t } = useTranslation('doctor')
  const navigate = useNavigate()
  return (
    <Button variant="subtle" onClick={() => void navigate({ to: '/doctor', search: {} } as never)}>
      {t('another')}
    </Button>
  )
}

function Tested({ examination: { subject } }: { examination: Examination }) {
  const mayTest = useMay('certificates:write')
  return mayTest && subject.gateway !== null ? <SelfTestCard gateway={subject.gateway} /> : null
}
