import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import { Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { Joined } from './joined.tsx'
import { NotJoined } from './not-joined.tsx'
import { useCloud } from './use-cloud.ts'

/** The shared Postgres: joined only when a person asks; how the link is, and what did not go. */
export function CloudScreen() {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { value, error } = useCloud()
  const [wasJoined, setWasJoined] = useState(false)
  if (error !== undefined || value === undefined)
    return <Page title={t('title')}>{error === undefined ? <Skeleton /> : <ErrorNote error={error} />}</Page>
  if (value.joined && !wasJoined) setWasJoined(true)
  if (value.joined) return <Joined status={value.status} />
  // Told to those who were here when it happened.
  const left = wasJoined ? value.left : null
  return (
    <Page title={t('title')}>
      {left !== null && (
        <Note tone="info" title={t('leave.done')}>
          {left.deletedReadings + left.deletedObjects === 0
            ? t('leave.kept')
            : t('leave.deleted', {
                readings: format.integer(left.deletedReadings),
                objects: format.integer(left.deletedObjects),
              })}
        </Note>
      )}
      <NotJoined />
    </Page>
  )
}
