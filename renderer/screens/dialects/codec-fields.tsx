import { Select, TagsInput, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CodecDefinition } from '#contract/model/dialect.ts'
import { withFormat } from './dialect-draft.ts'
import css from './dialects.module.css'

const formats = ['values', 'valor', 'value_object', 'object', 'bare'] as const

/** How the payload of a telemetry topic is read. */
export function CodecFields({
  codec,
  onChange,
}: {
  codec: CodecDefinition
  onChange(codec: CodecDefinition): void
}) {
  const { t } = useTranslation('dialects')
  return (
    <div className={css.fields}>
      <Select
        label={t('codec.format')}
        data={formats.map((value) => ({ value, label: t(`format.${value}`) }))}
        value={codec.format}
        allowDeselect={false}
        onChange={(format) => format !== null && onChange(withFormat(codec, format))}
      />
      {'channel' in codec && (
        <TextInput
          label={t('codec.channel')}
          className={css.mono ?? ''}
          value={codec.channel}
          maxLength={128}
          onChange={(event) => onChange({ ...codec, channel: event.currentTarget.value })}
        />
      )}
      {codec.format === 'value_object' &&
        (['value', 'unit', 'name'] as const).map((field) => (
          <TextInput
            key={field}
            label={t(`codec.${field}`)}
            className={css.mono ?? ''}
            placeholder={field === 'value' ? '/value' : ''}
            value={codec[field] ?? ''}
            maxLength={256}
            onChange={(event) => onChange(withPlace(codec, field, event.currentTarget.value))}
          />
        ))}
      {(codec.format === 'value_object' || codec.format === 'object') && (
        <>
          <TextInput
            label={t('codec.items')}
            className={css.mono ?? ''}
            value={codec.items ?? ''}
            maxLength={256}
            onChange={(event) => onChange(withPlace(codec, 'items', event.currentTarget.value))}
          />
          <TagsInput
            label={t('codec.time')}
            className={css.mono ?? ''}
            value={codec.time ?? []}
            maxTags={4}
            onChange={(time) => onChange({ ...codec, time })}
          />
          <Select
            label={t('codec.timeUnit')}
            data={(['ms', 's'] as const).map((value) => ({ value, label: t(`timeUnit.${value}`) }))}
            value={codec.timeUnit ?? 'ms'}
            allowDeselect={false}
            onChange={(unit) => onChange({ ...codec, timeUnit: unit === 's' ? 's' : 'ms' })}
          />
        </>
      )}
      {codec.format === 'bare' &&
        (['on', 'off'] as const).map((field) => (
          <TagsInput
            key={field}
            label={t(`codec.${field}`)}
            value={codec[field] ?? []}
            maxTags={8}
            onChange={(words) => onChange({ ...codec, [field]: words })}
          />
        ))}
    </div>
  )
}

/** An empty place is none. */
function withPlace<C extends CodecDefinition>(codec: C, field: string, value: string): C {
  const { [field]: _, ...rest } = codec as Record<string, unknown>
  return (value === '' ? rest : { ...rest, [field]: value }) as C
}
