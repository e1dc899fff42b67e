import { ActionIcon } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FirmwarePublisher } from '#contract/api/firmware.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, Empty, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './firmware.module.css'
import { RemovePublisherDialog } from './remove-dialogs.tsx'
import { groupsOf } from './signature.tsx'
import { SignedOnly } from './signed-only.tsx'
import { usePublishers } from './use-firmware.ts'

/** Whose signature counts, and whether there must be one. */
export function PublishersTab(props: {
  mayWrite(of: { tenant: unknown }): boolean
  /** The button that adds one, where the person may. */
  add: ReactNode
}) {
  const { t } = useTranslation('firmware')
  const { data: publishers, error, refetch } = usePublishers()
  const [removing, setRemoving] = useState<FirmwarePublisher | null>(null)
  return (
    <div className={css.stack}>
      <SignedOnly />
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {publishers === undefined && error === null && <Skeleton height={120} />}
      {publishers?.length === 0 && (
        <Empty title={t('publisher.emptyTitle')} text={t('publisher.emptyText')} action={props.add} />
      )}
      {publishers !== undefined && publishers.length > 0 && (
        <Card title={t('tab.publishers')}>
          <ul className={css.publishers}>
            {publishers.map((publisher) => (
              <Publisher
                key={publisher.id}
                publisher={publisher}
                onRemove={props.mayWrite(publisher) ? () => setRemoving(publisher) : null}
              />
            ))}
          </ul>
        </Card>
      )}
      {removing !== null && <RemovePublisherDialog publisher={removing} onClose={() => setRemoving(null)} />}
    </div>
  )
}

function Publisher({ publisher, onRemove }: { publisher: FirmwarePublisher; onRemove: (() => void) | null }) {
  const { t } = useTranslation('firmware')
  const format = useFormat()
  const { name, tenant, fingerprint, bundles, addedAt, addedBy } = publisher
  return (
    <li>
      <div>
        <p className="strong">{name}</p>
        <p className={`mono small ${css.hash}`}>{groupsOf(fingerprint)}</p>
        <p className="sec small">
          {[
            tenant?.name ?? t('wholeSite'),
            t('publisher.bundles', { count: bundles }),
            t('panel.importedBy', { at: format.date(addedAt), name: addedBy }),
          ].join(' · ')}
        </p>
      </div>
      {onRemove !== null && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('publisher.removeNamed', { name })}
          title={t('publisher.remove')}
          onClick={onRemove}
        >
          <Icon name="trash" />
        </ActionIcon>
      )}
    </li>
  )
}
