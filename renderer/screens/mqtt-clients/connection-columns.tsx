import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { MqttConnection } from '#contract/api/mqtt-clients.ts'
import { useFormat } from '#renderer/ui/format.ts'
import type { Column } from '#renderer/ui/table/column.ts'
import css from './mqtt-clients.module.css'

/** A session, by its own id; `key` is whose it is. */
export type ConnectionRow = MqttConnection & { key: string }

export function useConnectionColumns({
  mayEndGateways,
  onEnd,
}: {
  mayEndGateways: boolean
  onEnd(connection: MqttConnection): void
}): Column<ConnectionRow>[] {
  const { t } = useTranslation('mqtt-clients')
  const format = useFormat()
  return useMemo(() => {
    const plain = (
      id: 'name' | 'kind' | 'clientId' | 'address' | 'listener' | 'subscriptions',
      width: string,
      of: (row: ConnectionRow) => string,
      className?: string,
    ): Column<ConnectionRow> => ({
      id,
      header: t(`connected.${id}`),
      width,
      sortKey: (row) => of(row).toLocaleLowerCase(),
      cell: (row) => (
        <span className={className} title={of(row)}>
          {of(row)}
        </span>
      ),
      text: of,
    })
    return [
      plain('name', 'minmax(110px, 1.2fr)', ({ name }) => name, 'strong'),
      plain('kind', '88px', ({ kind }) => t(`kind.${kind}`)),
      plain('clientId', 'minmax(100px, 1fr)', ({ mqttClientId }) => mqttClientId, css.code),
      plain('address', '132px', ({ address }) => address),
      plain('listener', 'minmax(96px, 0.8fr)', ({ listener }) => t(`listener.${listener}`)),
      plain(
        'subscriptions',
        'minmax(110px, 1.4fr)',
        ({ subscriptions }) => subscriptions.join(' '),
        css.code,
      ),
      {
        id: 'since',
        header: t('connected.since'),
        width: '212px',
        firstDirection: 'descending',
        sortKey: ({ since }) => since,
        cell: ({ since }) => <span title={format.utc(since)}>{format.dateTime(since)}</span>,
        text: ({ since }) => new Date(since).toISOString(),
      },
      {
        id: 'messages',
        header: t('connected.messages'),
        width: '120px',
        align: 'right',
        firstDirection: 'descending',
        sortKey: ({ received, sent }) => received + sent,
        cell: ({ received, sent }) => (
          <span
            title={t('connected.messagesHint', {
              received: format.integer(received),
              sent: format.integer(sent),
            })}
          >
            {format.integer(received)} / {format.integer(sent)}
          </span>
        ),
        text: ({ received, sent }) => `${received} ${sent}`,
      },
      {
        id: 'end',
        header: '',
        width: '112px',
        cell: (row) =>
          row.kind === 'gateway' && !mayEndGateways ? null : (
            <button
              type="button"
              className="link-button"
              aria-label={t('disconnect.of', { name: row.name })}
              onClick={(event) => {
                event.stopPropagation()
                onEnd({ ...row, id: row.key })
              }}
            >
              {t('disconnect.button')}
            </button>
          ),
        text: () => '',
      },
    ]
  }, [t, format, mayEndGateways, onEnd])
}

const phoneWidths: Record<string, string> = { name: 'minmax(96px, 1fr)', kind: '84px', end: '104px' }

/** On a phone a row is who it is, and the button. */
export function phoneConnectionColumns(columns: readonly Column<ConnectionRow>[]): Column<ConnectionRow>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
