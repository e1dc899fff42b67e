import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudPreview } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { readError } from '#renderer/api/read-error.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { KeyValues, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from '../cloud.module.css'
import { clockOf, durationUnder, limitsInput } from '../limits-form.ts'
import { loginInput } from '../login-form.ts'
import { choicesInput, namesOf, othersShared } from '../tenant-choice.ts'
import { type Step, type StepProps, stepToCorrect } from './answers.ts'
import own from './join.module.css'
import { StepForm } from './step-form.tsx'

/** What goes where, how much that is and how long it takes: before anything is sent. */
export function SummaryStep(props: StepProps & { goTo(step: Step): void; onJoined(): void }) {
  const { t } = useTranslation('cloud')
  const { answers } = props
  // One moment for "today", whenever this is drawn anew.
  const [now] = useState(siteNow)
  const input = { ...loginInput(answers.login), tenants: choicesInput(answers.choices, now) }
  const estimate = useQuery({
    // The login stays out of the key: nothing that is kept holds a password.
    queryKey: ['cloud', 'estimate', answers.login.url, JSON.stringify(input.tenants)],
    queryFn: ({ signal }) => api.cloud.preview(input, { signal }),
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const join = useMutation({
    mutationFn: () =>
      api.cloud.join({ ...input, limits: limitsInput(answers.limits), takeOver: answers.takeOver }),
    onSuccess: props.onJoined,
  })
  const wrong = join.error === null ? null : stepToCorrect(readError(join.error).code)
  return (
    <StepForm
      title={t('join.summary.title')}
      text={t('join.summary.text')}
      next={t('join.summary.next')}
      hint={join.isPending ? t('join.summary.joining') : ''}
      busy={join.isPending}
      disabled={estimate.data === undefined}
      error={join.error}
      remedy={
        wrong !== null && (
          <div className={css.row}>
            <Button size="xs" onClick={() => props.goTo(wrong)}>
              {t('join.summary.correct', { step: t(`join.step.${wrong}`) })}
            </Button>
          </div>
        )
      }
      onSubmit={() => join.mutate()}
      onBack={props.onBack}
    >
      {estimate.error !== null && (
        <ErrorNote error={estimate.error} onRetry={() => void estimate.refetch()} />
      )}
      {estimate.isPending && <Skeleton height={200} />}
      {estimate.data !== undefined && <Estimate estimate={estimate.data} answers={answers} />}
    </StepForm>
  )
}

function Estimate({ estimate, answers }: { estimate: CloudPreview; answers: StepProps['answers'] }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const sent = estimate.tenants.filter(({ mode }) => mode !== 'off')
  const several = estimate.tenants.length > 1
  const sum = (of: 'objects' | 'readings' | 'bytes') => sent.reduce((all, tenant) => all + tenant[of], 0)
  const limits = limitsInput(answers.limits)
  const [only] = sent
  const others = othersShared(estimate)
  const seconds = durationUnder(limits, sum('bytes'), estimate.seconds)
  return (
    <>
      <div className={own.framed}>
        <KeyValues
          pairs={[
            [
              t('summary.to'),
              <code
                key="to"
                className={css.wrap}
              >{`${estimate.address.host}:${estimate.address.port}/${estimate.address.database}`}</code>,
            ],
            [t('server.siteName'), estimate.siteName],
            several ? null : [t('summary.what'), t(`mode.${sent[0]?.mode ?? 'off'}`)],
            several || only === undefined ? null : [t('choice.from'), <From key="from" tenant={only} />],
            several || only === undefined
              ? null
              : [t('choice.link'), only.linkedWith?.name ?? t('choice.new')],
            limits.takesTenants
              ? [t('summary.come'), others.length === 0 ? t('summary.comeLater') : namesOf(others)]
              : others.length === 0
                ? null
                : [t('summary.stay'), namesOf(others)],
            [
              t('summary.limits'),
              <span key="limits">
                {limits.bytesPerSecond === null
                  ? t('limits.free')
                  : t('summary.rate', { rate: format.bytes(limits.bytesPerSecond) })}
                {' · '}
                {limits.window === null
                  ? t('limits.always')
                  : t('summary.window', { from: clockOf(limits.window.from), to: clockOf(limits.window.to) })}
              </span>,
            ],
            limits.sendsPasswordHashes ? [t('summary.hashes'), t('summary.hashesYes')] : null,
            [t('summary.objects'), format.integer(sum('objects'))],
            [t('summary.readings'), format.integer(sum('readings'))],
            [t('summary.bytes'), t('summary.about', { amount: format.bytes(sum('bytes')) })],
            [
              t('summary.time'),
              <b key="time">
                {t(limits.window === null ? 'summary.about' : 'summary.aboutInHours', {
                  amount: format.span(Math.max(1, seconds) * 1_000),
                })}
              </b>,
            ],
          ]}
        />
      </div>
      {several && (
        <div className={css.scroll} role="region" aria-label={t('choice.titleSeveral')} tabIndex={0}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t('table.tenant')}</th>
                <th scope="col">{t('choice.link')}</th>
                <th scope="col">{t('table.mode')}</th>
                <th scope="col">{t('choice.from')}</th>
                <th scope="col" className={css.number}>
                  {t('summary.readings')}
                </th>
                <th scope="col" className={css.number}>
                  {t('summary.bytes')}
                </th>
              </tr>
            </thead>
            <tbody>
              {estimate.tenants.map((tenant) => (
                <tr key={tenant.tenantId}>
                  <td>{tenant.name}</td>
                  <td>
                    {tenant.mode === 'off' ? NOTHING : (tenant.linkedWith?.name ?? t('choice.newTenant'))}
                  </td>
                  <td>{t(`mode.${tenant.mode}`)}</td>
                  <td>
                    <From tenant={tenant} />
                  </td>
                  <td className={css.number}>{format.integer(tenant.readings)}</td>
                  <td className={css.number}>{format.bytes(tenant.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="sub small">{t('summary.meanwhile')}</p>
    </>
  )
}

/** From when on its readings are sent. */
function From({ tenant: { mode, fromAt } }: { tenant: CloudPreview['tenants'][number] }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  if (mode !== 'telemetry') return NOTHING
  return fromAt === null ? t('when.all') : format.date(fromAt)
}
