import { Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { cloudModes } from '#contract/model/cloud.ts'
import { useNow } from '#renderer/ui/now.ts'
import css from './cloud.module.css'
import {
  type Choices,
  choiceProblem,
  dateOf,
  type FromWhen,
  type SharedTenant,
  type TenantChoice,
} from './tenant-choice.ts'

const whens: readonly FromWhen[] = ['all', 'today', 'date']

interface ChoiceProps {
  tenant: { id: string; name: string }
  choices: Choices
  change(id: string, part: Partial<TenantChoice>): void
}

/** Off, fleet, or fleet and telemetry: each with what it means. For one, they are the question itself. */
export function ModeOptions({ tenant, choices, change }: ChoiceProps) {
  const { t } = useTranslation('cloud')
  return (
    <fieldset className={css.options}>
      <legend className="visually-hidden">{t('choice.mode')}</legend>
      {cloudModes.toReversed().map((mode) => (
        <label key={mode} className={css.option}>
          <input
            type="radio"
            name="mode"
            checked={choices[tenant.id]?.mode === mode}
            onChange={() => change(tenant.id, { mode })}
          />
          <strong>{t(`mode.${mode}`)}</strong>
          <span className="sec small">{t(`modeHint.${mode}`)}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** The same in a line, for one of many. */
export function ModeSelect({ tenant, choices, change }: ChoiceProps) {
  const { t } = useTranslation('cloud')
  return (
    <Select
      aria-label={t('choice.modeOf', { name: tenant.name })}
      data={cloudModes.map((mode) => ({ value: mode, label: t(`mode.${mode}`) }))}
      value={choices[tenant.id]?.mode ?? 'off'}
      onChange={(mode) => mode !== null && change(tenant.id, { mode })}
    />
  )
}

/** From when on readings are sent. */
export function FromFields({ tenant, choices, change, tried }: ChoiceProps & { tried: boolean }) {
  const { t } = useTranslation('cloud')
  const now = useNow()
  const choice = choices[tenant.id]
  if (choice?.mode !== 'telemetry') return null
  const problem = choiceProblem(choices, tenant.id, now)
  const isAboutDate = problem === 'date' || problem === 'future'
  return (
    <div className={css.from}>
      <Select
        label={t('choice.from')}
        data={whens.map((when) => ({ value: when, label: t(`when.${when}`) }))}
        value={choice.when}
        onChange={(when) => when !== null && change(tenant.id, { when })}
      />
      {choice.when === 'date' && (
        <TextInput
          type="date"
          label={t('choice.date')}
          max={dateOf(now)}
          value={choice.date}
          error={isAboutDate && (tried || choice.date !== '') ? t(`choice.problem.${problem}`) : null}
          onChange={(event) => change(tenant.id, { date: event.currentTarget.value })}
        />
      )}
    </div>
  )
}

/** Which tenant of the cloud it is; asked only where the cloud shares some with this site. */
export function LinkSelect(props: ChoiceProps & { several: boolean; shared: readonly SharedTenant[] }) {
  const { t } = useTranslation('cloud')
  const now = useNow()
  const { tenant, choices, change, shared } = props
  const choice = choices[tenant.id]
  if (choice === undefined || choice.mode === 'off' || shared.length === 0) return null
  return (
    <Select
      label={t('choice.link')}
      {...(!props.several && { description: t('choice.linkHint') })}
      data={[
        { value: '', label: t(props.several ? 'choice.newTenant' : 'choice.new') },
        ...shared.map(({ id, slug, name }) => ({ value: id, label: `${name} (${slug})` })),
      ]}
      value={choice.cloudTenantId}
      error={choiceProblem(choices, tenant.id, now) === 'twice' ? t('choice.problem.twice') : null}
      onChange={(cloudTenantId) => change(tenant.id, { cloudTenantId: cloudTenantId ?? '' })}
    />
  )
}
