import { Checkbox, Radio, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import css from './cloud.module.css'
import { type LimitsForm, limitsProblems, rateOf } from './limits-form.ts'

interface LimitsProps {
  form: LimitsForm
  change(part: Partial<LimitsForm>): void
}

/** Whether tenants that others brought come here: what is then put into them here leaves the site. */
export function TakesTenants({ form, change }: LimitsProps) {
  const { t } = useTranslation('cloud')
  return (
    <Checkbox
      label={t('limits.takes')}
      description={t('limits.takesHint')}
      checked={form.takesTenants}
      onChange={(event) => change({ takesTenants: event.currentTarget.checked })}
    />
  )
}

/** How fast and when telemetry is sent. Fields are wrong only once something stands in them. */
export function LimitsFields(props: LimitsProps) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { form, change } = props
  const problems = limitsProblems(form)
  const rate = rateOf(form.rate)
  const words = (field: 'rate' | 'from' | 'to') => {
    const problem = problems[field]
    return problem === undefined ? null : t(`limits.problem.${problem}`)
  }
  return (
    <div className={css.fields}>
      <Radio.Group
        label={t('limits.speed')}
        value={form.isLimited ? 'limited' : 'free'}
        onChange={(value) => change({ isLimited: value === 'limited' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="free" label={t('limits.free')} />
          <Radio value="limited" label={t('limits.limited')} />
        </Stack>
      </Radio.Group>
      {form.isLimited && (
        <TextInput
          className={css.indented ?? ''}
          label={t('limits.rate')}
          description={
            rate === null
              ? t('limits.rateHint')
              : t('limits.bits', { rate: format.number((rate * 8) / 1_000) })
          }
          inputMode="decimal"
          value={form.rate}
          maxLength={12}
          error={words('rate')}
          onChange={(event) => change({ rate: event.currentTarget.value })}
        />
      )}
      <Radio.Group
        label={t('limits.hours')}
        value={form.hasWindow ? 'window' : 'always'}
        onChange={(value) => change({ hasWindow: value === 'window' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="always" label={t('limits.always')} />
          <Radio value="window" label={t('limits.window')} description={t('limits.windowHint')} />
        </Stack>
      </Radio.Group>
      {form.hasWindow && (
        <div className={`${css.pair} ${css.indented}`}>
          <TextInput
            label={t('limits.from')}
            value={form.from}
            maxLength={5}
            error={words('from')}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
          <TextInput
            label={t('limits.to')}
            value={form.to}
            maxLength={5}
            error={words('to')}
            onChange={(event) => change({ to: event.currentTarget.value })}
          />
        </div>
      )}
      <details className={css.more} open={form.sendsPasswordHashes || form.takesTenants || undefined}>
        <summary>{t('limits.more')}</summary>
        <Checkbox
          label={t('limits.hashes')}
          description={t('limits.hashesHint')}
          checked={form.sendsPasswordHashes}
          onChange={(event) => change({ sendsPasswordHashes: event.currentTarget.checked })}
        />
        <TakesTenants form={form} change={change} />
      </details>
    </div>
  )
}
