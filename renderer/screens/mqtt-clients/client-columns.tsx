import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttClient } from '#contract/api/mqtt-clients.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column } from '#renderer/ui/table/column.ts'
import { stateMarks, useClientWords } from './client-words.ts'
import css from './mqtt-clients.module.css'

export function useClientColumns(): Column<MqttClient>[] {
  const { t } = useTranslation('mqtt-clients')
  const format = useFormat()
  const words = useClientWords()
  return useMemo(() => {
    const plain = (
      id: 'name' | 'username' | 'reach' | 'rights' | 'sign',
      width: string,
      of: (client: MqttClient) => string,
      className?: string,
    ): Column<MqttClient> => ({
      id,
      header: t(`column.${id}`),
      width,
      sortKey: (client) => of(client).toLocaleLowerCase(),
      cell: (client) => (
        <span className={className} title={of(client)}>
          {of(client)}
        </span>
      ),
      text: of,
    })
    return [
      {
        id: 'state',
        header: t('column.state'),
        width: '112px',
        sortKey: ({ state }) => state,
        cell: ({ state }) => (
          <span className={css.state}>
            <StateMark mark={stateMarks[state]} size={14} />
            {t(`state.${state}`)}
          </span>
        ),
        text: ({ state }) => t(`state.${state}`),
      },
      plain('name', 'minmax(120px, 1.4fr)', ({ name }) => name, 'strong'),
      plain('username', 'minmax(110px, 1.2fr)', ({ username }) => username, css.code),
      plain('reach', 'minmax(110px, 1.2fr)', words.reach),
      plain('rights', '128px', ({ rights }) => t(`rights.${rights}`)),
      plain('sign', '156px', words.sign),
      {
        id: 'lastConnected',
        header: t('column.lastConnected'),
        width: '212px',
        firstDirection: 'descending',
        sortKey: ({ lastConnectedAt }) => lastConnectedAt?.getTime() ?? null,
        cell: ({ lastConnectedAt: at }) =>
          at === null ? (
            <span className="sub">{NOTHING}</span>
          ) : (
            <span title={format.utc(at)}>{format.dateTime(at)}</span>
          ),
        text: ({ lastConnectedAt }) => lastConnectedAt?.toISOString() ?? '',
      },
    ]
  }, [t, format, words])
}

/** What the panel of the chosen one tells as well leaves the table, for there is little room beside it. */
export function besidePanel(columns: readonly Column<MqttClient>[]): Column<MqttClient>[] {
  return columns.filter(({ id }) => id !== 'username' && id !== 'sign' && id !== 'lastConnected')
}

const phoneWidths: Record<string, string> = { name: 'minmax(96px, 1fr)', state: '108px', rights: '112px' }

/** On a phone a row is what it is for, whether it works, and what it may. */
export function phoneColumns(columns: readonly Column<MqttClient>[]): Column<MqttClient>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
