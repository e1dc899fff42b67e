import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CloudMode, type CloudPreview, cloudModes } from '#contract/model/cloud.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Note } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { FromFields, LinkSelect, ModeOptions, ModeSelect } from '../choice-fields.tsx'
import css from '../cloud.module.css'
import { TakesTenants } from '../limits-fields.tsx'
import {
  type Choices,
  choiceProblem,
  linkable,
  namesOf,
  type SharedTenant,
  type TenantChoice,
} from '../tenant-choice.ts'
import type { StepProps } from './answers.ts'
import { StepForm } from './step-form.tsx'

interface Local {
  id: string
  name: string
  readings: number
}

/** What goes to the cloud: asked once, or for each tenant where there are several. */
export function WhatStep({ answers, change, onNext, onBack }: StepProps) {
  const { t } = useTranslation(['cloud', 'common'])
  const now = useNow()
  const [tried, setTried] = useState(false)
  const { choices } = answers
  const locals = localsOf(answers.server)
  const several = locals.length > 1
  const shared = linkable(answers.server?.sharedTenants ?? [], locals)
  const set = (id: string, part: Partial<TenantChoice>) => {
    const before = choices[id]
    if (before !== undefined) change({ choices: { ...choices, [id]: { ...before, ...part } } })
  }
  const linked = new Set(
    Object.values(choices).flatMap(({ mode, cloudTenantId }) => (mode === 'off' ? [] : cloudTenantId)),
  )
  const others = shared.filter(({ id }) => !linked.has(id))
  const isNothing = locals.every(({ id }) => (choices[id]?.mode ?? 'off') === 'off')
  const isWrong = locals.some(({ id }) => choiceProblem(choices, id, now) !== null)
  const submit = () => {
    setTried(true)
    if (!isNothing && !isWrong) onNext()
  }
  const [only] = locals
  return (
    <StepForm
      title={t('join.what.title')}
      text={t(several ? 'join.what.textSeveral' : 'join.what.text')}
      next={t('common:action.continue')}
      onSubmit={submit}
      onBack={onBack}
    >
      {several ? (
        <Table tried={tried} locals={locals} shared={shared} choices={choices} onChoices={change} set={set} />
      ) : (
        only !== undefined && <One tried={tried} local={only} shared={shared} choices={choices} set={set} />
      )}
      {others.length > 0 && (
        <>
          <p className="sec">{t('join.what.others', { names: namesOf(others) })}</p>
          <TakesTenants
            form={answers.limits}
            change={(part) => change({ limits: { ...answers.limits, ...part } })}
          />
        </>
      )}
      {tried && isNothing && <Note tone="yellow" title={t('join.what.nothing')} />}
      {tried && isWrong && <Note tone="yellow" title={t('join.what.wrong')} />}
    </StepForm>
  )
}

interface Asked {
  /** Continue was pressed: what is not complete is marked. */
  tried: boolean
  shared: readonly SharedTenant[]
  choices: Choices
  set(id: string, part: Partial<TenantChoice>): void
}

function One({ local, shared, choices, set, tried }: Asked & { local: Local }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const common = { tenant: local, choices, change: set, tried }
  return (
    <div className={css.fields}>
      <ModeOptions {...common} />
      <FromFields {...common} />
      {choices[local.id]?.mode === 'telemetry' && (
        <p className="sub small">
          {t('join.what.stored', { count: local.readings, shown: format.integer(local.readings) })}
        </p>
      )}
      <LinkSelect {...common} several={false} shared={shared} />
    </div>
  )
}

function Table(props: Asked & { locals: readonly Local[]; onChoices(part: { choices: Choices }): void }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { locals, shared, choices, set, tried } = props
  const setAll = (mode: CloudMode) =>
    props.onChoices({
      choices: Object.fromEntries(Object.entries(choices).map(([id, choice]) => [id, { ...choice, mode }])),
    })
  return (
    <>
      <div className={css.row} role="group" aria-label={t('join.what.all')}>
        <span className="sub small">{t('join.what.all')}</span>
        {cloudModes.map((mode) => (
          <button key={mode} type="button" className="link-button" onClick={() => setAll(mode)}>
            {t(`mode.${mode}`)}
          </button>
        ))}
      </div>
      <div className={css.choices}>
        {locals.map((local) => {
          const common = { tenant: local, choices, change: set, tried, several: true }
          return (
            <div key={local.id} role="group" aria-label={local.name}>
              <div className={css.choiceName}>
                <b>{local.name}</b>
                <span className="sub small">
                  {t('join.what.stored', { count: local.readings, shown: format.integer(local.readings) })}
                </span>
              </div>
              <ModeSelect {...common} />
              <FromFields {...common} />
              <LinkSelect {...common} shared={shared} />
            </div>
          )
        })}
      </div>
      {shared.length > 0 && <p className="sub small">{t('choice.linkHint')}</p>}
    </>
  )
}

function localsOf(server: CloudPreview | null): Local[] {
  return (server?.tenants ?? []).map(({ tenantId, name, readings }) => ({ id: tenantId, name, readings }))
}
