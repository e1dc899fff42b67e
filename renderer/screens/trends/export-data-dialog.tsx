import { Button, Checkbox, Group, Modal, Radio, Select, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  type ExportFunction,
  type ExportLayout,
  exportFunctions,
  MOST_WIDE_CHANNELS,
} from '#contract/model/telemetry-file.ts'
import { api } from '#renderer/api/client.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { parseSpan } from './trend-address.ts'
import type { TrendChannel } from './use-trend-channels.ts'

const intervals = ['1s', '10s', '1m', '5m', '15m', '1h', '1d'] as const

/** Asks for a file of the readings behind the chart; a job writes it, and the list of jobs hands it out. */
export function ExportDataDialog(props: {
  channels: readonly TrendChannel[]
  window: TimeWindow
  onClose(): void
}) {
  const { t } = useTranslation(['trends', 'common'])
  const format = useFormat()
  useFocusBack()
  const [file, setFile] = useState<ExportLayout['format']>('csv')
  const [layout, setLayout] = useState<ExportLayout['layout']>('long')
  const [interval, setSpan] = useState('none')
  const [functions, setFunctions] = useState<ExportFunction[]>(['avg'])
  const isWide = layout === 'wide'
  const isTooWide = isWide && props.channels.length > MOST_WIDE_CHANNELS
  const start = useMutation({
    mutationFn: () => {
      const span = isWide ? parseSpan(interval) : null
      return api.telemetryFiles.startExport({
        channelIds: props.channels.map(({ id }) => id),
        from: Math.round(props.window.from),
        to: Math.round(props.window.to),
        format: file,
        layout,
        ...(span !== null && { interval: span, functions }),
      })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (start.isSuccess) props.onClose()
    else start.mutate()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('data.title')}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <p className="sub">
            {t('data.what', {
              count: props.channels.length,
              from: format.dateTime(props.window.from),
              to: format.dateTime(props.window.to),
            })}
          </p>
          <Radio.Group label={t('data.format')} value={file} onChange={(value) => setFile(value)}>
            <Stack gap="xs" mt="xs">
              <Radio value="csv" label={t('data.csv')} description={t('data.csvHint')} data-autofocus />
              <Radio value="parquet" label={t('data.parquet')} description={t('data.parquetHint')} />
            </Stack>
          </Radio.Group>
          <Radio.Group label={t('data.layout')} value={layout} onChange={(value) => setLayout(value)}>
            <Stack gap="xs" mt="xs">
              <Radio value="long" label={t('data.long')} />
              <Radio value="wide" label={t('data.wide')} />
            </Stack>
          </Radio.Group>
          {isWide && (
            <Select
              label={t('data.resolution')}
              value={interval}
              allowDeselect={false}
              data={[
                { value: 'none', label: t('data.everyReading') },
                ...intervals.map((value) => ({ value, label: format.span(parseSpan(value) ?? 0) })),
              ]}
              onChange={(value) => setSpan(value ?? 'none')}
            />
          )}
          {isWide && interval !== 'none' && (
            <Checkbox.Group
              label={t('data.functions')}
              value={functions}
              error={functions.length === 0 ? t('data.functionMissing') : null}
              onChange={(value) => setFunctions(exportFunctions.filter((one) => value.includes(one)))}
            >
              <Group gap="md" mt="xs">
                {exportFunctions.map((one) => (
                  <Checkbox key={one} value={one} label={t(`data.function.${one}`)} />
                ))}
              </Group>
            </Checkbox.Group>
          )}
          {start.error !== null && <ErrorNote error={start.error} />}
          {start.isSuccess && (
            <Note tone="info" title={t('data.started')}>
              {t('data.startedHint')}
            </Note>
          )}
          <Group justify="flex-end">
            {!start.isSuccess && <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>}
            <Button
              type="submit"
              variant="filled"
              loading={start.isPending}
              disabled={isTooWide || (isWide && interval !== 'none' && functions.length === 0)}
            >
              {start.isSuccess ? t('common:action.close') : t('data.start')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
