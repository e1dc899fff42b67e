import { Button, Modal, NumberInput, SegmentedControl, Select } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  labelContents,
  labelFormats,
  labelResolutions,
  labelSize,
  labelSizeNames,
  labelsOn,
} from '#contract/model/label.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '../format.ts'
import { Icon } from '../icon.tsx'
import { ErrorNote, Note } from '../note.tsx'
import { saveFile } from '../save-file.ts'
import { useFocusBack } from '../use-focus-back.ts'
import {
  countsOf,
  type LabelChoice,
  readChoice,
  sizesFor,
  withFormat,
  withSize,
  writeChoice,
} from './label-choice.ts'
import { LabelPreview } from './label-preview.tsx'
import css from './labels.module.css'

const STORED = 'millwright.labels'
const MOST_COPIES = 100

export interface LabelledRow {
  id: string
  code: string
}

/** Asks on what paper, shows the first sheet, and saves the file. */
export function LabelsDialog({ gateways, onClose }: { gateways: readonly LabelledRow[]; onClose(): void }) {
  const { t } = useTranslation(['labels', 'common'])
  const format = useFormat()
  useFocusBack()
  const [choice, setChoice] = useState(() => readChoice(localStorage.getItem(STORED)))
  const counts = countsOf(choice, gateways.length)
  const make = useMutation({
    mutationFn: async () => {
      const file = await api.labels.make({ gateways: gateways.map(({ id }) => id), ...choice })
      return await saveFile(file.name, file, file.type)
    },
    onSuccess: (path) => {
      if (path !== null) localStorage.setItem(STORED, writeChoice(choice))
    },
  })
  const change = (next: LabelChoice) => {
    make.reset()
    setChoice(next)
  }
  const saved = make.data ?? null
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('title', { count: gateways.length, code: gateways[0]?.code ?? '' })}
      size={800}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <form
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!counts.tooMany && !make.isPending) make.mutate()
        }}
      >
        <div className={css.body}>
          <div className={css.fields}>
            <SegmentedControl
              aria-label={t('format.label')}
              data={labelFormats.map((value) => ({ value, label: t(`format.${value}`) }))}
              value={choice.format}
              onChange={(value) =>
                change(withFormat(choice, labelFormats.find((one) => one === value) ?? 'pdf'))
              }
            />
            <PaperFields choice={choice} onChange={change} />
          </div>
          <LabelPreview gateways={gateways} choice={choice} />
        </div>
        {counts.tooMany && (
          <Note tone="yellow" title={t('tooMany.title')}>
            {t('tooMany.todo')}
          </Note>
        )}
        {make.error !== null && <ErrorNote error={make.error} />}
        {saved !== null && (
          <Note tone="info" title={t('saved', { path: saved })}>
            {t(choice.format === 'pdf' ? 'printPdf' : 'printZpl')}
          </Note>
        )}
        <div className={css.foot}>
          <span className="sub" role="status">
            {t('labels', { count: counts.labels, shown: format.integer(counts.labels) })}
            {labelSize(choice.size).kind === 'sheet' &&
              `, ${t('sheets', { count: counts.sheets, shown: format.integer(counts.sheets) })}`}
          </span>
          <Button onClick={onClose}>
            {t(saved === null ? 'common:action.cancel' : 'common:action.close')}
          </Button>
          <Button
            type="submit"
            variant={saved === null ? 'filled' : 'default'}
            loading={make.isPending}
            disabled={counts.tooMany}
            leftSection={<Icon name="download" size={14} />}
          >
            {t('save')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function PaperFields({ choice, onChange }: { choice: LabelChoice; onChange(next: LabelChoice): void }) {
  const { t } = useTranslation('labels')
  const format = useFormat()
  const size = labelSize(choice.size)
  const sizeWords = (name: LabelChoice['size']) => {
    const { width, height, kind, product } = labelSize(name)
    const words = `${format.number(width)} × ${format.number(height)} mm`
    if (kind === 'roll') return t('size.roll', { size: words })
    const paper = t(name === 'letter-30' ? 'size.letter' : 'size.a4')
    return t('size.sheet', { size: words, count: labelsOn(labelSize(name)), paper, product })
  }
  const whole = (value: string | number, most: number) =>
    Math.min(Math.max(Math.round(Number(value)) || 1, 1), most)
  return (
    <>
      <Select
        label={t('size.label')}
        data={sizesFor(choice.format).map((value) => ({ value, label: sizeWords(value) }))}
        value={choice.size}
        onChange={(value) =>
          onChange(withSize(choice, labelSizeNames.find((one) => one === value) ?? choice.size))
        }
      />
      <Select
        label={t('qr.title')}
        description={t(`qr.${choice.qr}Hint`)}
        data={labelContents.map((value) => ({ value, label: t(`qr.${value}`) }))}
        value={choice.qr}
        onChange={(value) =>
          onChange({ ...choice, qr: labelContents.find((one) => one === value) ?? choice.qr })
        }
      />
      <NumberInput
        label={t('copies')}
        size="sm"
        value={choice.copies}
        min={1}
        max={MOST_COPIES}
        allowDecimal={false}
        clampBehavior="strict"
        onChange={(value) => onChange({ ...choice, copies: whole(value, MOST_COPIES) })}
      />
      {size.kind === 'sheet' && (
        <NumberInput
          label={t('start.label')}
          description={t('start.hint', { count: labelsOn(size) })}
          size="sm"
          value={choice.start}
          min={1}
          max={labelsOn(size)}
          allowDecimal={false}
          clampBehavior="strict"
          onChange={(value) => onChange({ ...choice, start: whole(value, labelsOn(size)) })}
        />
      )}
      {choice.format === 'zpl' && (
        <Select
          label={t('resolution')}
          data={labelResolutions.map((dots) => ({ value: String(dots), label: t('dpi', { dots }) }))}
          value={String(choice.resolution)}
          onChange={(value) =>
            onChange({
              ...choice,
              resolution: labelResolutions.find((one) => String(one) === value) ?? choice.resolution,
            })
          }
        />
      )}
    </>
  )
}
