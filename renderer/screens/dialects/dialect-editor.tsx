import { Button, MultiSelect, NumberInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { clientIdForms, type DialectDefinition, type TopicRuleDefinition } from '#contract/model/dialect.ts'
import { dialectProblems } from '#contract/model/dialect-problems.ts'
import { api } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { checked, type Draft, newTopic } from './dialect-draft.ts'
import css from './dialects.module.css'
import { TopicFields } from './topic-fields.tsx'
import { dialectsChanged } from './use-dialects.ts'

/** A dialect as a form. Built-in ones are read only. */
export function DialectEditor(props: {
  draft: Draft
  readOnly: boolean
  others: readonly DialectDefinition[]
  onChange(draft: Draft): void
  onSaved(name: string): void
}) {
  const { t } = useTranslation(['dialects', 'common'])
  const { draft, readOnly, others, onChange } = props
  const { definition, version } = draft
  const right = useMemo(() => checked(definition), [definition])
  const problems = useMemo(
    () => (readOnly ? [] : dialectProblems(definition, others)),
    [definition, others, readOnly],
  )
  const change = (changes: Partial<DialectDefinition>) =>
    onChange({ ...draft, definition: { ...definition, ...changes } })
  const changeTopic = (index: number, rule: TopicRuleDefinition) =>
    change({ topics: definition.topics.map((one, at) => (at === index ? rule : one)) })
  const save = useMutation({
    mutationFn: () => api.dialects.save({ ...definition, version }),
    async onSuccess() {
      await dialectsChanged()
      props.onSaved(definition.name)
    },
  })
  const general = problems.filter(({ topic }) => topic === null)
  const name = (
    <TextInput
      label={t('dialects:field.name')}
      description={t('dialects:field.nameHint')}
      className={css.mono ?? ''}
      value={definition.name}
      maxLength={32}
      disabled={version !== null}
      onChange={(event) => change({ name: event.currentTarget.value })}
    />
  )
  return (
    <form
      className={css.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (right.definition !== null && problems.length === 0) save.mutate()
      }}
    >
      <fieldset
        className={css.plain}
        disabled={readOnly}
        aria-label={definition.title || t('dialects:create')}
      >
        <Card>
          <div className={css.inset}>
            <div className={css.fields}>
              {!readOnly && name}
              <TextInput
                label={t('dialects:field.title')}
                value={definition.title}
                maxLength={80}
                onChange={(event) => change({ title: event.currentTarget.value })}
              />
              <MultiSelect
                label={t('dialects:field.clientIds')}
                data={clientIdForms.map((value) => ({ value, label: t(`dialects:clientId.${value}`) }))}
                value={[...definition.clientIds]}
                disabled={readOnly}
                onChange={(forms) => change({ clientIds: forms })}
              />
            </div>
            <Rates definition={definition} onChange={change} />
          </div>
        </Card>
        {definition.topics.map((rule, index) => (
          <TopicFields
            // Topics have no other name: one is changed in its place.
            key={index}
            index={index}
            rule={rule}
            problems={problems.filter(({ topic }) => topic === index)}
            onChange={(changed) => changeTopic(index, changed)}
            onRemove={
              readOnly || definition.topics.length === 1
                ? null
                : () => change({ topics: definition.topics.filter((_, at) => at !== index) })
            }
          />
        ))}
      </fieldset>
      {!readOnly && (
        <>
          <div className={css.buttons}>
            <Button
              leftSection={<Icon name="plus" />}
              disabled={definition.topics.length >= 32}
              onClick={() => change({ topics: [...definition.topics, newTopic] })}
            >
              {t('dialects:topic.add')}
            </Button>
          </div>
          {general.map(({ code, subject }) => (
            <Note key={code} tone="orange" title={t(`dialects:problem.${code}`, { subject })} />
          ))}
          {right.issue !== null && definition.name !== '' && <Note tone="orange" title={right.issue} />}
          {save.error !== null && <ErrorNote error={save.error} />}
          <div className={css.buttons}>
            <Button
              type="submit"
              variant="filled"
              loading={save.isPending}
              disabled={right.definition === null || problems.length > 0}
            >
              {t('common:action.save')}
            </Button>
            <span className="sub">{version === null ? '' : t('dialects:saveHint')}</span>
          </div>
        </>
      )}
    </form>
  )
}

function Rates({
  definition,
  onChange,
}: {
  definition: DialectDefinition
  onChange(changes: Partial<DialectDefinition>): void
}) {
  const { t } = useTranslation('dialects')
  const rates = definition.rates
  const usual = { perSecond: 100, burst: 500 }
  const set = (of: 'gateway' | 'topic', field: 'perSecond' | 'burst', value: number | string) => {
    const before = rates?.[of] ?? usual
    const next = { gateway: rates?.gateway ?? usual, ...(rates?.topic && { topic: rates.topic }) }
    if (value === '') {
      const { topic: _, ...rest } = next
      onChange({ rates: of === 'topic' ? rest : undefined })
    } else onChange({ rates: { ...next, [of]: { ...before, [field]: Number(value) } } })
  }
  return (
    <div className={css.fields}>
      {(['gateway', 'topic'] as const).flatMap((of) =>
        (['perSecond', 'burst'] as const).map((field) => (
          <NumberInput
            key={`${of} ${field}`}
            label={t(`rate.${of}.${field}`)}
            placeholder={of === 'gateway' ? String(usual[field]) : t('rate.none')}
            value={rates?.[of]?.[field] ?? ''}
            min={field === 'burst' ? 1 : 0.001}
            allowDecimal={field === 'perSecond'}
            hideControls
            onChange={(value) => set(of, field, value)}
          />
        )),
      )}
    </div>
  )
}
