import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './bench.module.css'
import { useLimitWords } from './use-limit-words.ts'
import { useNextWords } from './use-next-words.ts'
import { useStarter } from './use-starter.ts'

/** What a run was set up with. Another set-up is another run. */
export function RunFacts({ run, onNext }: { run: BenchRun; onNext(): void }) {
  const { t } = useTranslation('bench')
  const [changing, setChanging] = useState(false)
  const isEnded = run.state === 'ended'
  return (
    <Card
      title={t('setup.title')}
      end={
        !isEnded && (
          <button
            type="button"
            className="link-button"
            aria-expanded={changing}
            onClick={() => setChanging(!changing)}
          >
            {t('setup.change')}
          </button>
        )
      }
      className={css.setup ?? ''}
    >
      <div className={css.fields}>
        {changing && !isEnded && <ChangeNote run={run} onStopped={onNext} />}
        {isEnded && (
          <Note
            tone="info"
            title={t('run.ended')}
            action={
              <Button variant="filled" onClick={onNext}>
                {t('run.next')}
              </Button>
            }
          >
            {t('run.endedText')}
          </Note>
        )}
        <Facts run={run} />
      </div>
    </Card>
  )
}

/** A set-up holds for the whole run: to change it, the run ends. */
function ChangeNote({ run, onStopped }: { run: BenchRun; onStopped(): void }) {
  const { t } = useTranslation('bench')
  const stop = useMutation({
    mutationFn: () => api.bench.stopRun({ runId: run.id }),
    onSuccess: onStopped,
  })
  return (
    <>
      <Note
        tone="info"
        mark="due"
        title={t('setup.changeTitle')}
        action={
          <Button loading={stop.isPending} onClick={() => stop.mutate()}>
            {t('setup.changeButton')}
          </Button>
        }
      >
        {t('setup.changeText')}
      </Note>
      {stop.error !== null && <ErrorNote error={stop.error} />}
    </>
  )
}

function Facts({ run }: { run: BenchRun }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const limitWords = useLimitWords()
  const nextWords = useNextWords()
  const starterOf = useStarter()
  const { several } = useTenants()
  const { setup, facts, next } = run
  const place = [...(several ? [run.tenant.name] : []), ...(facts.group === null ? [] : [facts.group])].join(
    ' / ',
  )
  const { check, labels } = setup
  return (
    <>
      <Fact
        name={t('setup.bundle')}
        hint={t(`signature.${facts.signature}`, { defaultValue: facts.signature })}
      >
        {facts.bundle}
      </Fact>
      {facts.profile !== null && <Fact name={t('setup.profile')}>{facts.profile}</Fact>}
      {place !== '' && <Fact name={t(several ? 'setup.place' : 'setup.group')}>{place}</Fact>}
      <Fact name={t('setup.naming')} hint={next === null ? undefined : nextWords(setup, next)}>
        {setup.plan.length > 0 ? (
          t('setup.planned', { count: setup.plan.length, shown: format.integer(setup.plan.length) })
        ) : (
          <>
            <span className="mono">{setup.codePattern}</span> ·{' '}
            <span className="mono">{setup.namePattern}</span>
          </>
        )}
      </Fact>
      <Fact name={t('setup.wifi')} hint={facts.wifi === null ? undefined : t('setup.wifiSealed')}>
        {facts.wifi ?? t('setup.noWifi')}
      </Fact>
      <Fact name={t('setup.check')}>
        {check === null ? t('setup.noCheck') : [check.channel, limitWords(check)].join(', ')}
      </Fact>
      <Fact name={t('setup.plugged')}>
        <ul className={css.switches}>
          <Switch on={setup.startByItself}>{t('setup.startByItself')}</Switch>
          <Switch on={labels.as !== 'none'}>
            {labels.as === 'none'
              ? t('setup.label')
              : t('setup.labelAs', { as: labels.as.toUpperCase(), where: labels.printer ?? labels.size })}
          </Switch>
          <Switch on={setup.eraseAll}>{t('setup.eraseAll')}</Switch>
          {setup.keyOnChip && <Switch on>{t('setup.keyOnChip')}</Switch>}
        </ul>
      </Fact>
      <p className="small sub">
        {t('setup.pace', {
          speed: format.integer(setup.speed),
          boards: setup.atOnce === null ? t('setup.allPorts') : format.integer(setup.atOnce),
        })}
        <br />
        {t('run.startedBy', { name: starterOf(run), at: format.dateTime(run.startedAt) })}
      </p>
    </>
  )
}

function Fact({ name, hint, children }: { name: string; hint?: string | undefined; children: ReactNode }) {
  return (
    <div>
      <span className={css.label}>{name}</span>
      <div className={css.fact}>{children}</div>
      {hint !== undefined && <p className={css.hint}>{hint}</p>}
    </div>
  )
}

function Switch({ on, children }: { on: boolean; children: ReactNode }) {
  const { t } = useTranslation('common')
  return (
    <li className={on ? undefined : 'sub'}>
      {on ? <StateMark mark="passed" size={14} /> : <StateMark mark="waiting" size={14} />}
      <span>
        {children}
        <span className="visually-hidden">: {t(on ? 'value.on' : 'value.off')}</span>
      </span>
    </li>
  )
}
