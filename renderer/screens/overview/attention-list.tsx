import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Overview } from '#contract/api/overview.ts'
import { useErrorText } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { problemError } from '#renderer/screens/cloud/state-words.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { type AttentionItem, attentionMark, attentionTarget } from './attention.ts'
import css from './overview.module.css'

/** What needs a person, most urgent first, each with one action. The first is the page's primary button. */
export function AttentionList({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview')
  const { tenant } = useTenantScope()
  const fleet = useFleet()
  const items = overview.attention.filter(
    (item) =>
      tenant === null || item.gatewayId === null || fleet.byId.get(item.gatewayId)?.tenantId === tenant.id,
  )
  const hidden = overview.attentionTotal - overview.attention.length
  return (
    <Card
      title={
        <>
          {t('attention.title')}{' '}
          <span className="sub">{tenant === null ? overview.attentionTotal : items.length}</span>
        </>
      }
      end={hidden > 0 && <Link to="/fleet">{t('attention.more', { count: hidden })}</Link>}
      className={css.panel ?? ''}
    >
      {items.length === 0 ? (
        <p className={css.nothing}>{t('attention.none')}</p>
      ) : (
        <ul className={css.todo}>
          {items.map((item, index) => (
            <Item
              key={`${item.kind}-${item.gatewayId ?? item.code ?? item.detail ?? ''}`}
              item={item}
              primary={index === 0}
            />
          ))}
        </ul>
      )}
    </Card>
  )
}

function Item({ item, primary }: { item: AttentionItem; primary: boolean }) {
  const { t } = useTranslation(['overview', 'refusals'])
  const format = useFormat()
  const now = useNow()
  const words = useErrorText()
  const target = attentionTarget(item)
  const reason =
    item.reason === null ? t('overview:attention.reasonUnknown') : t(`refusals:reason.${item.reason}`)
  const values = {
    reason: lowerFirst(reason),
    count: item.count,
    shown: format.integer(item.count),
    detail: item.detail ?? '',
    problem: item.problem === null ? '' : words(problemError(item.problem)).what,
    date: format.date(item.since),
  }
  // Where the name says enough, it stands alone; how often it was tried belongs beside it.
  const about = t(`overview:attention.about.${item.kind}`, values)
  const aboutItem =
    item.name === null ? about : item.kind === 'refused' ? `${item.name} · ${about}` : item.name
  const ahead = item.since > now
  const age = format.age(Math.abs(now - item.since))
  return (
    <li>
      <StateMark mark={attentionMark(item.kind)} />
      <span className="strong ellipsis">{item.code ?? t('overview:attention.site')}</span>
      <span className={css.what}>
        <b>{t(`overview:attention.what.${item.kind}`, values)}</b>
        <span>{aboutItem}</span>
      </span>
      <time
        className="sec num"
        dateTime={new Date(item.since).toISOString()}
        title={`${format.dateTime(item.since)} · ${format.utc(item.since)}`}
      >
        {ahead ? t('overview:attention.left', { span: age }) : age}
      </time>
      <Button
        size="xs"
        variant={primary ? 'filled' : 'default'}
        renderRoot={(props) => <Link {...props} {...(target as { to: '/' })} />}
      >
        {t(`overview:attention.action.${item.kind}`)}
      </Button>
    </li>
  )
}

function lowerFirst(text: string): string {
  // Abbreviations such as TLS and CONNECT keep their capitals.
  return /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLocaleLowerCase() + text.slice(1) : text
}
