import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TileKind } from '#contract/model/dashboard.ts'
import type { TileChannel } from '../model/tile-channel.ts'
import { kindsFor } from '../model/tile-kinds.ts'
import { ChannelList } from './channel-list.tsx'
import { KindChoice } from './kind-choice.tsx'
import { SidePanel } from './side-panel.tsx'

/** A new tile: first what it shows, then how; how is suggested by what. */
export function AddPanel(props: {
  all: readonly TileChannel[]
  onAdd(kind: TileKind, channelIds: string[]): void
  onClose(): void
}) {
  const { t } = useTranslation('dashboards')
  const [ids, setIds] = useState<string[]>([])
  const [wanted, setWanted] = useState<TileKind | null>(null)
  const kinds = kindsFor(props.all.filter((channel) => ids.includes(channel.id)))
  const kind = wanted !== null && kinds.includes(wanted) ? wanted : kinds[0]
  return (
    <SidePanel title={t('add.title')} onClose={props.onClose}>
      <ChannelList all={props.all} chosen={ids} onChange={setIds} autoFocus />
      {ids.length > 0 ? (
        <KindChoice kinds={kinds} kind={kind} suggested={kinds[0]} onChange={setWanted} />
      ) : (
        <p className="sec small">{t('add.hint')}</p>
      )}
      <Button
        variant="filled"
        disabled={ids.length === 0}
        onClick={() => {
          if (kind !== undefined) props.onAdd(kind, ids)
        }}
      >
        {t('add.button')}
      </Button>
      <Button onClick={() => props.onAdd('text', [])}>{t('add.text')}</Button>
    </SidePanel>
  )
}
