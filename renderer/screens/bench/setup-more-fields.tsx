import { Checkbox, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { labelSize } from '#contract/model/label.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { sizesFor } from '#renderer/ui/labels/label-choice.ts'
import css from './bench.module.css'
import { readPlan } from './plan.ts'
import { PlanField } from './plan-field.tsx'
import { type SetupProblem, speeds } from './setup-form.ts'
import type { SetupFieldsProps } from './setup-main-fields.tsx'

/** What most runs leave as it is. */
export function MoreFields({
  form,
  shown,
  onChange,
  onLeft,
  canMakeKeys,
}: SetupFieldsProps & { canMakeKeys: boolean }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const fault = (problem: SetupProblem) => (shown.has(problem) ? t(`fault.${problem}`) : null)
  const { labels } = form
  const planned = readPlan(form.plan).lines.length
  const sizeWords = (name: Parameters<typeof labelSize>[0]) => {
    const { width, height, product, kind } = labelSize(name)
    const size = `${format.number(width)} × ${format.number(height)} mm`
    return kind === 'roll' ? size : `${size}, ${product}`
  }
  return (
    <>
      <PlanField plan={form.plan} onChange={(plan) => onChange({ plan })} />
      <div className={css.pair}>
        <TextInput
          label={t('setup.firstNumber')}
          placeholder={t('setup.firstFree')}
          inputMode="numeric"
          value={form.firstNumber}
          maxLength={6}
          onChange={(event) => onChange({ firstNumber: event.currentTarget.value })}
          onBlur={() => onLeft('firstNumber')}
          error={fault('firstNumber')}
        />
        <TextInput
          label={t('setup.expected')}
          placeholder={t('setup.asMany')}
          inputMode="numeric"
          value={planned > 0 ? String(planned) : form.expected}
          disabled={planned > 0}
          maxLength={4}
          onChange={(event) => onChange({ expected: event.currentTarget.value })}
          onBlur={() => onLeft('expected')}
          error={fault('expected')}
        />
      </div>
      {labels.as !== 'none' && (
        <>
          <div className={css.pair}>
            <Select
              label={t('setup.labelFormat')}
              data={[
                { value: 'pdf', label: t('setup.pdf') },
                { value: 'zpl', label: t('setup.zpl') },
              ]}
              value={labels.as}
              onChange={(as) =>
                onChange({
                  labels: {
                    ...labels,
                    as: as === 'zpl' ? 'zpl' : 'pdf',
                    ...(as === 'zpl' && { size: 'roll-50x25' }),
                  },
                })
              }
            />
            <Select
              label={t('setup.labelSize')}
              data={sizesFor(labels.as).map((value) => ({ value, label: sizeWords(value) }))}
              value={labels.size}
              onChange={(size) => size !== null && onChange({ labels: { ...labels, size } })}
            />
          </div>
          {labels.as === 'zpl' && (
            <TextInput
              label={t('setup.printer')}
              description={t('setup.printerHint')}
              placeholder="192.168.1.50:9100"
              value={labels.printer ?? ''}
              maxLength={255}
              spellCheck={false}
              onChange={(event) => {
                const printer = event.currentTarget.value.trim()
                onChange({ labels: { ...labels, printer: printer === '' ? null : printer } })
              }}
              onBlur={() => onLeft('printer')}
              error={fault('printer')}
            />
          )}
        </>
      )}
      <div className={css.pair}>
        <Select
          label={t('setup.speedField')}
          data={speeds.map((speed) => ({ value: String(speed), label: format.integer(speed) }))}
          value={String(form.speed)}
          onChange={(value) =>
            onChange({ speed: speeds.find((speed) => String(speed) === value) ?? form.speed })
          }
        />
        <TextInput
          label={t('setup.atOnce')}
          placeholder={t('setup.allPorts')}
          inputMode="numeric"
          value={form.atOnce}
          maxLength={2}
          onChange={(event) => onChange({ atOnce: event.currentTarget.value })}
          onBlur={() => onLeft('atOnce')}
          error={fault('atOnce')}
        />
      </div>
      <TextInput
        label={t('setup.contactWithin')}
        inputMode="numeric"
        value={form.contactWithin}
        maxLength={3}
        onChange={(event) => onChange({ contactWithin: event.currentTarget.value })}
        onBlur={() => onLeft('contactWithin')}
        error={fault('contactWithin')}
      />
      <Checkbox
        label={t('setup.keyOnChip')}
        description={t(canMakeKeys ? 'setup.keyOnChipHint' : 'setup.keyOnChipCannot')}
        disabled={!canMakeKeys}
        checked={form.keyOnChip}
        onChange={(event) => onChange({ keyOnChip: event.currentTarget.checked })}
      />
    </>
  )
}
