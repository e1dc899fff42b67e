import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import { noteBacklog, type TrailPoint, trailShape } from './backlog-trail.ts'
import own from './overview.module.css'

const WIDTH = 480
const HEIGHT = 48

/** The backlog over the last minutes, for as long as this page has been open. */
export function BacklogLine({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const now = useNow()
  const [trail, setTrail] = useState<readonly TrailPoint[]>([])
  const { readings } = status.backlog
  useEffect(() => {
    if (readings !== null)
      setTrail(noteBacklog(`${status.address.host} ${status.joinedAt}`, { at: siteNow(), readings }))
  }, [status, readings])
  const shape = trailShape(trail, now, WIDTH, HEIGHT)
  return (
    <figure className={own.line}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {shape !== null && (
          <>
            <path d={shape.area} fill="var(--sunken)" />
            <path
              d={shape.line}
              fill="none"
              stroke="var(--mark)"
              strokeWidth="1.25"
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
            />
          </>
        )}
      </svg>
      <figcaption className="sub small">
        <span>{t('line.caption', { span: format.span(shape?.span ?? 60_000) })}</span>
        {shape !== null && (
          <span>{t('line.most', { count: shape.most, shown: format.integer(shape.most) })}</span>
        )}
      </figcaption>
    </figure>
  )
}
