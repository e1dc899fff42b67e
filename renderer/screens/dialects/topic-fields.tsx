import { ActionIcon, Checkbox, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type TopicRuleDefinition, toGatewayKinds, toSiteKinds } from '#contract/model/dialect.ts'
import type { DialectProblem } from '#contract/model/dialect-problems.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { CodecFields } from './codec-fields.tsx'
import { withKind } from './dialect-draft.ts'
import css from './dialects.module.css'

/** One topic of a dialect: its pattern, what it is for, and how its payload is read. */
export function TopicFields(props: {
  index: number
  rule: TopicRuleDefinition
  problems: readonly DialectProblem[]
  onChange(rule: TopicRuleDefinition): void
  onRemove: (() => void) | null
}) {
  const { t } = useTranslation('dialects')
  const { index, rule, onChange, onRemove } = props
  return (
    <fieldset className={css.topic}>
      <legend>{t('topic.legend', { n: index + 1 })}</legend>
      <div className={css.topicHead}>
        <TextInput
          label={t('topic.pattern')}
          className={`${css.mono} ${css.pattern}`}
          value={rule.pattern}
          maxLength={256}
          spellCheck={false}
          error={
            props.problems.length === 0
              ? null
              : props.problems.map(({ code, subject }) => t(`problem.${code}`, { subject })).join(' ')
          }
          onChange={(event) => onChange({ ...rule, pattern: event.currentTarget.value })}
        />
        <Select
          label={t('topic.kind')}
          data={[
            {
              group: t('direction.to_site'),
              items: toSiteKinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
            },
            {
              group: t('direction.to_gateway'),
              items: toGatewayKinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) })),
            },
          ]}
          value={rule.kind}
          allowDeselect={false}
          onChange={(kind) => kind !== null && onChange(withKind(rule, kind))}
        />
        {onRemove !== null && (
          <ActionIcon
            variant="subtle"
            color="gray"
            className={css.remove ?? ''}
            aria-label={t('topic.remove', { n: index + 1 })}
            onClick={onRemove}
          >
            <Icon name="trash" />
          </ActionIcon>
        )}
      </div>
      {rule.direction === 'to_site' && rule.kind !== 'telemetry' && (
        <Checkbox
          label={t('topic.will')}
          checked={rule.will ?? false}
          onChange={(event) => onChange({ ...rule, will: event.currentTarget.checked })}
        />
      )}
      {rule.direction === 'to_site' && rule.kind === 'telemetry' && rule.codec !== undefined && (
        <CodecFields codec={rule.codec} onChange={(codec) => onChange({ ...rule, codec })} />
      )}
    </fieldset>
  )
}
