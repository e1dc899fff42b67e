import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SiteSide } from '#contract/model/doctor.ts'
import { api } from '#renderer/api/client.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './doctor.module.css'

/** The site's own side: what stands in the way before a gateway is to blame. */
export function SiteCard() {
  const { t } = useTranslation('doctor')
  const query = useQuery({
    queryKey: ['doctor', 'site'],
    queryFn: ({ signal }) => api.doctor.site(undefined, { signal }),
    staleTime: 30_000,
  })
  const { data } = query
  return (
    <Card
      className={css.card ?? ''}
      title={t('site.title')}
      end={
        data &&
        (data.problems.length === 0 ? t('site.fine') : t('site.problems', { count: data.problems.length }))
      }
    >
      {query.error !== null && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {data !== undefined && <Side side={data} />}
    </Card>
  )
}

function Side({ side }: { side: SiteSide }) {
  const { t } = useTranslation('doctor')
  return (
    <>
      {side.problems.length > 0 && (
        <ul className={css.problems}>
          {side.problems.map((problem) => (
            <li key={problem}>
              <StateMark mark="due" />
              <span>{t(`problem.${problem}`)}</span>
            </li>
          ))}
        </ul>
      )}
      <div className={css.side}>
        <Names side={side} />
        <Ports side={side} />
      </div>
      {side.firewalls.length > 0 && <Firewalls firewalls={side.firewalls} />}
    </>
  )
}

function Names({ side: { hosts, addresses, certificate, clock } }: { side: SiteSide }) {
  const { t } = useTranslation('doctor')
  const format = useFormat()
  const synchronized = clock.synchronized === null ? 'unknown' : clock.synchronized ? 'yes' : 'no'
  return (
    <KeyValues
      pairs={[
        [t('site.hosts'), hosts.join(', ') || NOTHING],
        [
          t('site.addresses'),
          <ul key="addresses">
            {addresses.map(({ address, interface: of, named }) => (
              <li key={address}>
                <span className="mono">{address}</span> <span className="sub">{of}</span>{' '}
                {!named && <span className="t-yellow">{t('site.notNamed')}</span>}
              </li>
            ))}
          </ul>,
        ],
        certificate && [t('site.names'), certificate.names.join(', ')],
        certificate && [t('site.ends'), format.date(certificate.notAfter)],
        [t('site.clock'), `${format.dateTime(clock.now)} (${clock.timeZone})`],
        [
          t('site.synchronized'),
          `${t(`site.sync.${synchronized}`)}${clock.service ? ` · ${clock.service}` : ''}`,
        ],
        clock.jumps[0]
          ? [
              t('site.jump'),
              t('site.jumped', {
                by: format.span(Math.abs(clock.jumps[0].by)),
                at: format.dateTime(clock.jumps[0].at),
              }),
            ]
          : null,
      ]}
    />
  )
}

function Ports({ side: { ports } }: { side: SiteSide }) {
  const { t } = useTranslation('doctor')
  return (
    <div className={css.tableBox}>
      <table className={css.table}>
        <caption className="visually-hidden">{t('site.ports')}</caption>
        <thead>
          <tr>
            <th>{t('site.listener')}</th>
            <th className="num">{t('site.port')}</th>
            <th>{t('site.answers')}</th>
          </tr>
        </thead>
        <tbody>
          {ports.map(({ listener, port, answers, silent }) => (
            <tr key={listener}>
              <td>{t(`listener.${listener}`)}</td>
              <td className="num">{port ?? t('site.off')}</td>
              <td title={silent.length > 0 ? t('site.silent', { addresses: silent.join(', ') }) : undefined}>
                {answers.join(', ') || NOTHING}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Firewalls({ firewalls }: { firewalls: SiteSide['firewalls'] }) {
  const { t } = useTranslation('doctor')
  return (
    <div className={css.firewalls}>
      {firewalls.map(({ name, active, command }) => (
        <p key={name}>
          <b>{name}</b> {t(active === null ? 'site.wall.unknown' : active ? 'site.wall.on' : 'site.wall.off')}{' '}
          <code className="mono">{command}</code>{' '}
          <CopyIconButton value={command} label={t('site.wall.copy')} />
        </p>
      ))}
    </div>
  )
}
