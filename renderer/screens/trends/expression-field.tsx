import { Select, Textarea } from '@mantine/core'
import { useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { EXPRESSION_LENGTH_MAX } from '#contract/api/calculations.ts'
import css from './calculation.module.css'
import {
  bracketed,
  type ExpressionProblem,
  functionHelp,
  type HelpName,
  withPiece,
} from './calculation-form.ts'

export interface ExpressionFieldProps {
  value: string
  onChange(value: string): void
  /** What can be put in: as it is written, and as it is called. */
  names: readonly { text: string; label: string; group: string }[]
  problem: ExpressionProblem | null
  /** What is wrong in another way. */
  error: string | null
  readOnly: boolean
}

/** Shown at once; a longer word finds the others. */
const OPTIONS = 100

/** The expression, what can be put into it, and where it is wrong. */
export function ExpressionField(props: ExpressionFieldProps) {
  const { t } = useTranslation('calculations')
  const area = useRef<HTMLTextAreaElement>(null)
  const { value, onChange, names, problem } = props
  const groups = useMemo(
    () =>
      [...Map.groupBy(names, ({ group }) => group)].map(([group, items]) => ({
        group,
        items: items.map(({ text, label }) => ({ value: text, label })),
      })),
    [names],
  )
  const select = (start: number, end: number) => {
    area.current?.focus()
    area.current?.setSelectionRange(start, end)
  }
  const insert = (name: string | null) => {
    if (name === null) return
    const field = area.current
    const at = field ?? { selectionStart: value.length, selectionEnd: value.length }
    const { text, caret } = withPiece(
      value,
      { start: at.selectionStart, end: at.selectionEnd },
      bracketed(name),
    )
    onChange(text)
    // The field has the new text only once it is drawn.
    requestAnimationFrame(() => select(caret, caret))
  }
  const error =
    problem === null ? (
      props.error
    ) : (
      <>
        {t('problem.at', { position: problem.start + 1 })}{' '}
        {t(`problem.${problem.problem}`, { what: problem.what })}{' '}
        <button type="button" className="link-button" onClick={() => select(problem.start, problem.end)}>
          {t('problem.show')}
        </button>
      </>
    )
  return (
    <div>
      <Textarea
        ref={area}
        className={css.expression ?? ''}
        label={t('expression.label')}
        description={t('expression.hint')}
        placeholder="[GW001/power] / 1000"
        value={value}
        readOnly={props.readOnly}
        maxLength={EXPRESSION_LENGTH_MAX}
        autosize
        minRows={3}
        maxRows={8}
        spellCheck={false}
        autoCapitalize="off"
        autoCorrect="off"
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {!props.readOnly && (
        <Select
          mt="xs"
          aria-label={t('expression.insert')}
          placeholder={t('expression.insert')}
          data={groups}
          value={null}
          searchable
          limit={OPTIONS}
          nothingFoundMessage={t('expression.nothing')}
          onChange={insert}
        />
      )}
      <details className={css.details}>
        <summary className="sec small">{t('help.title')}</summary>
        <dl className={css.help}>
          {(Object.keys(functionHelp) as HelpName[]).map((name) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{functionHelp[name]}</dt>
              <dd className="small">{t(`help.${name}`)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  )
}
