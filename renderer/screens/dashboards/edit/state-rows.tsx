import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type StateOption, type ThresholdMeaning, thresholdMeanings } from '#contract/model/dashboard.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import css from './panel.module.css'

const MOST = 16

interface Row {
  key: number
  state: string
  word: string
  meaning: ThresholdMeaning | ''
}

/** What states are called on a tile, and which are not normal. */
export function StateRows(props: { states: readonly StateOption[]; onChange(states: StateOption[]): void }) {
  const { t } = useTranslation('dashboards')
  const [rows, setRows] = useState<readonly Row[]>(() =>
    props.states.map(({ state, word = '', meaning }, key) => ({
      key,
      state,
      word,
      meaning: meaning ?? '',
    })),
  )
  const change = (next: readonly Row[]) => {
    setRows(next)
    props.onChange(
      next
        .filter((row) => row.state !== '')
        .map(({ state, word, meaning }) => ({
          state,
          ...(word.trim() === '' ? {} : { word: word.trim() }),
          ...(meaning === '' ? {} : { meaning }),
        })),
    )
  }
  const set = (key: number, part: Partial<Row>) =>
    change(rows.map((row) => (row.key === key ? { ...row, ...part } : row)))
  return (
    <fieldset className={css.rows}>
      <legend>{t('state.title')}</legend>
      <p className="sub small">{t('state.hint')}</p>
      {rows.map((row) => (
        <div key={row.key} className={css.threshold}>
          <TextInput
            aria-label={t('state.state')}
            placeholder="true"
            maxLength={100}
            value={row.state}
            onChange={(event) => set(row.key, { state: event.currentTarget.value })}
          />
          <TextInput
            aria-label={t('state.word')}
            placeholder={t('state.wordHint')}
            maxLength={40}
            value={row.word}
            onChange={(event) => set(row.key, { word: event.currentTarget.value })}
          />
          <Select
            aria-label={t('threshold.meaning')}
            value={row.meaning}
            data={[
              { value: '', label: t('meaning.normal') },
              ...thresholdMeanings.map((meaning) => ({ value: meaning, label: t(`meaning.${meaning}`) })),
            ]}
            onChange={(meaning) => set(row.key, { meaning: meaning ?? '' })}
          />
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label={t('state.remove')}
            onClick={() => change(rows.filter((other) => other.key !== row.key))}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </div>
      ))}
      {rows.length < MOST && (
        <Button
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => {
            const key = Math.max(-1, ...rows.map((row) => row.key)) + 1
            setRows([...rows, { key, state: '', word: '', meaning: '' }])
          }}
        >
          {t('state.add')}
        </Button>
      )}
    </fieldset>
  )
}
