import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Certificate } from '#contract/api/certificates.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column } from '#renderer/ui/table/column.ts'
import { shortHex } from '../gateway/hex.ts'
import { isDue, isExpired, urgency } from './certificate-rows.ts'
import css from './certificates.module.css'

type Word = 'active' | 'due' | 'expired' | 'revoked' | 'superseded'

function wordOf(certificate: Certificate, now: number): Word {
  if (certificate.state !== 'active') return certificate.state
  return isExpired(certificate, now) ? 'expired' : isDue(certificate, now) ? 'due' : 'active'
}

const marks: Record<Word, Mark> = {
  active: 'online',
  due: 'due',
  expired: 'failed',
  revoked: 'revoked',
  superseded: 'suspended',
}
const tones: Partial<Record<Word, string>> = { due: 't-yellow', expired: 't-red' }

/** `now` in ms, by the minute. */
export function useCertificateColumns(now: number): Column<Certificate>[] {
  const { t } = useTranslation('certificates')
  const format = useFormat()
  return useMemo(() => {
    const date = (at: Date | null) =>
      at === null ? (
        '–'
      ) : (
        <span title={`${format.dateTime(at)} (${format.utc(at)})`}>{format.numericDate(at)}</span>
      )
    const iso = (at: Date | null) => at?.toISOString() ?? ''
    return [
      {
        id: 'state',
        header: t('column.state'),
        width: '112px',
        sortKey: (row) => urgency(row, now),
        cell: (row) => {
          const word = wordOf(row, now)
          return (
            <span className={`${css.state} ${tones[word] ?? ''}`}>
              <StateMark mark={marks[word]} size={14} />
              {t(`state.${word}`)}
            </span>
          )
        },
        text: (row) => t(`state.${wordOf(row, now)}`),
      },
      {
        id: 'gateway',
        header: t('column.gateway'),
        width: 'minmax(160px, 2fr)',
        sortKey: (row) => row.gatewayCode,
        cell: (row) =>
          row.gatewayId === null ? (
            <span className="sub">{t('ofSite')}</span>
          ) : (
            <>
              <Link
                to="/gateways/$gatewayId"
                params={{ gatewayId: row.gatewayId }}
                search={{ tab: 'certificate' }}
                tabIndex={-1}
                className={css.link ?? ''}
              >
                {row.gatewayCode}
              </Link>{' '}
              <span className="sec">{row.gatewayName}</span>
            </>
          ),
        text: (row) => row.gatewayCode ?? '',
      },
      {
        id: 'kind',
        header: t('column.kind'),
        width: 'minmax(120px, 1fr)',
        sortKey: (row) => t(`kind.${row.kind}`),
        cell: (row) => t(`kind.${row.kind}`),
        text: (row) => t(`kind.${row.kind}`),
      },
      {
        id: 'serial',
        header: t('column.serial'),
        width: '184px',
        cell: (row) => (
          <span className="mono" title={row.serial}>
            {shortHex(row.serial)}
          </span>
        ),
        text: (row) => row.serial,
      },
      {
        id: 'key',
        header: t('column.key'),
        width: '88px',
        sortKey: (row) => row.keyAlgorithm,
        cell: (row) => row.keyAlgorithm,
        text: (row) => row.keyAlgorithm,
      },
      {
        id: 'handover',
        header: t('column.handover'),
        width: '116px',
        sortKey: (row) => (row.credentialWaiting ? 0 : 1),
        cell: (row) =>
          row.credentialWaiting ? (
            <span className={css.state}>
              <StateMark mark="waiting" size={14} />
              {t('handover.waiting')}
            </span>
          ) : (
            <span className="sub">{row.kind === 'gateway' ? t('handover.done') : '–'}</span>
          ),
        text: (row) =>
          row.credentialWaiting ? t('handover.waiting') : row.kind === 'gateway' ? t('handover.done') : '',
      },
      {
        id: 'due',
        header: t('column.due'),
        width: '132px',
        align: 'right',
        sortKey: (row) => row.dueAt.getTime(),
        cell: (row) => (row.state === 'active' ? date(row.dueAt) : '–'),
        text: (row) => iso(row.dueAt),
      },
      {
        id: 'ends',
        header: t('column.ends'),
        width: '104px',
        align: 'right',
        sortKey: (row) => (row.revokedAt ?? row.notAfter).getTime(),
        cell: (row) => date(row.state === 'revoked' ? row.revokedAt : row.notAfter),
        text: (row) => iso(row.revokedAt ?? row.notAfter),
      },
    ]
  }, [t, format, now])
}

const phoneWidths: Record<string, string> = {
  state: '104px',
  gateway: 'minmax(72px, 1fr)',
  ends: '88px',
}

/** On a phone a row is whose certificate it is, how it is, and until when. */
export function phoneColumns(columns: readonly Column<Certificate>[]): Column<Certificate>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
