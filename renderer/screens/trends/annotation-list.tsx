import { ActionIcon, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Annotation } from '#contract/api/annotations.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './trends.module.css'
import type { Annotations } from './use-annotations.ts'
import type { TrendChannel } from './use-trend-channels.ts'

/** Annotations of the visible range in words: go there, change. */
export function AnnotationList(props: {
  annotations: Annotations
  /** Those in the visible range. */
  visible: readonly Annotation[]
  byId: ReadonlyMap<string, TrendChannel>
  mayWrite: boolean
  onShow(annotation: Annotation): void
  onEdit(annotation: Annotation): void
  onNew(): void
}) {
  const { t } = useTranslation('trends')
  const format = useFormat()
  const { visible } = props
  if (props.annotations.error !== null && props.annotations.error !== undefined)
    return <ErrorNote error={props.annotations.error} />
  if (visible.length === 0)
    return (
      <div className={css.noAnnotations}>
        <p>{props.mayWrite ? t('annotation.noneTeach') : t('annotation.none')}</p>
        {props.mayWrite && <Button onClick={props.onNew}>{t('annotation.new')}</Button>}
      </div>
    )
  return (
    <ul className={css.annotations}>
      {visible.map((one) => (
        <li key={one.id}>
          <button type="button" className="link-button" onClick={() => props.onShow(one)}>
            {one.to > one.from
              ? `${format.dateTime(one.from)} – ${format.dateTime(one.to)}`
              : format.dateTime(one.from)}
          </button>
          <p>{one.text}</p>
          <p className="sub small">
            {[one.authorName, ...one.channelIds.map((id) => nameOf(props.byId.get(id)))]
              .filter((part) => part !== null && part !== '')
              .join(' · ')}
          </p>
          {props.mayWrite && (
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={t('annotation.editOne', { text: one.text.slice(0, 40) })}
              onClick={() => props.onEdit(one)}
            >
              <Icon name="edit" size={14} />
            </ActionIcon>
          )}
        </li>
      ))}
      {props.annotations.more && <li className="sub small">{t('annotation.more')}</li>}
    </ul>
  )
}

function nameOf(channel: TrendChannel | undefined): string {
  return channel === undefined ? '' : `${channel.gatewayCode} ${channel.name}`
}
