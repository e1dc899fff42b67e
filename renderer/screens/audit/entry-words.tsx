import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditEntry } from '#contract/api/audit.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'

export interface EntryWords {
  actor(actor: AuditEntry['actor']): string
  outcome(entry: Pick<AuditEntry, 'outcome' | 'errorCode'>): ReactNode
}

/** Entries in the words of a person's language; actions and codes stay as they are, for they are searched by. */
export function useEntryWords(): EntryWords {
  const { t } = useTranslation('audit')
  return useMemo(
    () => ({
      actor: ({ kind, name }) => {
        if (kind === 'user' || kind === 'api_key' || kind === 'gateway') return name ?? t('erased')
        return t(`actor.${kind}`)
      },
      outcome: ({ outcome, errorCode }) => (
        <>
          {outcome !== 'done' && <StateMark mark={outcome === 'refused' ? 'refused' : 'failed'} size={14} />}
          <span className={outcome === 'done' ? 'sec' : ''}>{t(`outcome.${outcome}`)}</span>
          {errorCode !== null && <span className="sub ellipsis">{errorCode}</span>}
        </>
      ),
    }),
    [t],
  )
}

/** What people call the object of an entry, as far as the entry says. */
export function objectName({
  object,
  details,
  actor,
}: Pick<AuditEntry, 'object' | 'details' | 'actor'>): string {
  if (object?.kind === 'user' && object.id === actor.id && actor.name !== null) return actor.name
  for (const name of ['code', 'name', 'slug', 'email', 'subject', 'siteName']) {
    const value = details[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return object?.id ?? ''
}
