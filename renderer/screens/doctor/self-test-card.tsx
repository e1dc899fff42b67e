import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SelfTest } from '#contract/model/doctor.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './doctor.module.css'

const marks: Record<SelfTest['routes'][number]['steps'][number]['result'], Mark> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'waiting',
}

/** Lets the site play the gateway: what works here and not there is the gateway's, or lies between the two. */
export function SelfTestCard({ gateway }: { gateway: { id: string; code: string } }) {
  const { t } = useTranslation('doctor')
  const test = useMutation({ mutationFn: () => api.doctor.selfTest({ gateway: gateway.id }) })
  return (
    <Card
      className={css.card ?? ''}
      title={t('test.title')}
      end={
        <Button size="xs" loading={test.isPending} onClick={() => test.mutate()}>
          {t('test.run')}
        </Button>
      }
    >
      <p className={css.foot}>{t('test.text', { code: gateway.code })}</p>
      {test.error !== null && <ErrorNote error={test.error} onRetry={() => test.mutate()} />}
      <div aria-live="polite">{test.data !== undefined && <Tested result={test.data} />}</div>
    </Card>
  )
}

function Tested({ result: { passed, limited, routes } }: { result: SelfTest }) {
  const { t } = useTranslation('doctor')
  const format = useFormat()
  return (
    <>
      <p className={css.foot}>
        <b>{passed ? t('test.passed') : t('test.failed')}</b>{' '}
        {limited !== null && t(`test.limited.${limited}`)}
      </p>
      {routes.map(({ host, port, steps }) => (
        <div key={host} className={css.route}>
          <h3 className="mono">
            {host}:{port}
          </h3>
          <ol>
            {steps.map(({ step, result, took, detail }) => (
              <li key={step}>
                <StateMark mark={marks[result]} />
                <span>{t(`step.${step}`)}</span>
                <span className={css.seen}>{detail}</span>
                <span className={css.result}>
                  {result === 'passed' ? `${format.integer(took)} ms` : t(`result.${result}`)}
                </span>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </>
  )
}
