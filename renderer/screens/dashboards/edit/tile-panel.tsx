import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type Tile, type TileOptions, tableColumns } from '#contract/model/dashboard.ts'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { presets } from '#renderer/charts/time-range.ts'
import type { TileChannel } from '../model/tile-channel.ts'
import { kindsFor } from '../model/tile-kinds.ts'
import { retouched, withOption } from './changes.ts'
import { ChannelList } from './channel-list.tsx'
import { KindChoice } from './kind-choice.tsx'
import { NumberField } from './number-field.tsx'
import css from './panel.module.css'
import { SidePanel } from './side-panel.tsx'
import { StateRows } from './state-rows.tsx'
import { ThresholdRows } from './threshold-rows.tsx'
import type { Draft } from './use-draft.ts'

/** Everything about one tile but its place. Each change is seen at once, and can be undone. */
export function TilePanel(props: {
  tile: Tile
  title: string
  all: readonly TileChannel[]
  draft: Draft
  onClose(): void
}) {
  const { tile, draft } = props
  const { t } = useTranslation('dashboards')
  const members = props.all.filter((channel) => tile.channelIds.includes(channel.id))
  const touch = (change: Partial<Pick<Tile, 'kind' | 'title' | 'channelIds' | 'options'>>, part: string) =>
    draft.change((dashboard) => retouched(dashboard, tile.id, change), `${part} ${tile.id}`)
  const set = (change: Partial<TileOptions>) =>
    touch({ options: withOption(tile.options, change) }, Object.keys(change).join())
  const { kind, options } = tile
  const kinds = tile.channelIds.length === 0 ? [kind] : kindsFor(members)
  const overTime = kind === 'sparkline' || kind === 'states' || kind === 'table' || kind === 'chart'
  const figures = kind !== 'text' && kind !== 'states' && members.some(isNumeric)
  const states = members.some((channel) => !isNumeric(channel) || channel.kind === 'integer')
  return (
    <SidePanel title={props.title} onClose={props.onClose}>
      <TextInput
        label={t('panel.title')}
        placeholder={kind === 'text' ? '' : t('panel.titleHint')}
        maxLength={100}
        value={tile.title ?? ''}
        onChange={(event) => touch({ title: event.currentTarget.value || undefined }, 'title')}
      />
      {kind === 'text' ? (
        <Textarea
          label={t('panel.text')}
          autosize
          minRows={4}
          maxRows={14}
          maxLength={2_000}
          value={options.text ?? ''}
          onChange={(event) => set({ text: event.currentTarget.value })}
        />
      ) : (
        <>
          <KindChoice
            kinds={kinds}
            kind={kind}
            suggested={kinds[0]}
            onChange={(next) => touch({ kind: next }, 'kind')}
          />
          <ChannelList
            key={tile.id}
            all={props.all}
            chosen={tile.channelIds}
            onChange={(channelIds) => touch({ channelIds }, 'channels')}
          />
        </>
      )}
      {overTime && (
        <Select
          label={t('panel.range')}
          value={options.range ?? ''}
          data={[
            { value: '', label: t('panel.rangeOfDashboard') },
            ...presets.map(({ id }) => ({ value: id, label: t(`charts:range.preset.${id}`) })),
            ...(options.range === undefined || presets.some(({ id }) => id === options.range)
              ? []
              : [{ value: options.range, label: options.range }]),
          ]}
          onChange={(value) => set({ range: value === null || value === '' ? undefined : value })}
        />
      )}
      {kind === 'table' && (
        <Checkbox.Group
          label={t('panel.columns')}
          value={[...(options.columns ?? ['last', 'min', 'average', 'max'])]}
          onChange={(value) => {
            const columns = tableColumns.filter((column) => value.includes(column))
            if (columns.length > 0) set({ columns })
          }}
        >
          <div className={css.kinds}>
            {tableColumns.map((column) => (
              <Checkbox key={column} value={column} label={t(`column.${column}`)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {figures && (
        <Select
          label={t('panel.decimals')}
          value={options.decimals === undefined ? '' : String(options.decimals)}
          data={[
            { value: '', label: t('panel.decimalsAuto') },
            ...[0, 1, 2, 3, 4, 5, 6].map((count) => ({ value: String(count), label: String(count) })),
          ]}
          onChange={(value) => set({ decimals: value === null || value === '' ? undefined : Number(value) })}
        />
      )}
      {(kind === 'gauge' || kind === 'chart') && (
        <div className={css.pair}>
          <NumberField
            key={`min ${tile.id}`}
            label={t('panel.min')}
            value={options.min}
            below={options.max}
            onChange={(min) => set({ min })}
          />
          <NumberField
            key={`max ${tile.id}`}
            label={t('panel.max')}
            value={options.max}
            above={options.min}
            onChange={(max) => set({ max })}
          />
        </div>
      )}
      {figures && kind !== 'chart' && (
        <ThresholdRows
          key={`thresholds ${tile.id}`}
          thresholds={options.thresholds ?? []}
          onChange={(thresholds) => set({ thresholds: thresholds.length === 0 ? undefined : thresholds })}
        />
      )}
      {states && kind !== 'chart' && kind !== 'text' && (
        <StateRows
          key={`states ${tile.id}`}
          states={options.states ?? []}
          onChange={(next) => set({ states: next.length === 0 ? undefined : next })}
        />
      )}
      <Button onClick={props.onClose}>{t('panel.done')}</Button>
    </SidePanel>
  )
}
