import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Examination, Finding, Remedy } from '#contract/model/doctor.ts'
import type { Permission } from '#contract/model/permission.ts'
import { may } from '#renderer/api/session.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { GatewayActionDialog } from '#renderer/ui/gateway-actions/gateway-action-dialog.tsx'
import css from './doctor.module.css'

type Subject = Examination['subject']

/** What each needs, and where it is; null: it is nowhere for this subject. */
const places: Record<
  Exclude<Remedy, 'resume'>,
  { needs: Permission; to: (subject: Subject, finding: Finding) => string | null }
> = {
  enroll_again: { needs: 'gateways:write', to: ({ gateway }) => gateway && `/fleet/add?again=${gateway.id}` },
  download: {
    needs: 'gateways:read',
    to: ({ gateway }) => gateway && `/gateways/${gateway.id}?tab=certificate`,
  },
  claims: { needs: 'claims:accept', to: () => '/claims' },
  limits: { needs: 'tenants:write', to: () => '/admin/tenants' },
  network: { needs: 'site:write', to: () => '/settings' },
  mqtt_settings: { needs: 'site:write', to: () => '/settings' },
  tenant: { needs: 'tenants:write', to: () => '/admin/tenants' },
  topics: { needs: 'telemetry:read', to: () => '/topics' },
  examine: {
    needs: 'gateways:read',
    to: (_, { facts }) => {
      const address = facts.find(({ name }) => name === 'address')
      return address ? `/doctor?subject=${encodeURIComponent(String(address.value))}` : null
    },
  },
}

/** The steps that can be taken from here, the first one as the one to take. */
export function Remedies({ finding, subject, small }: { finding: Finding; subject: Subject; small?: true }) {
  const { t } = useTranslation('doctor')
  const me = useMe()
  const [resuming, setResuming] = useState(false)
  const { gateway } = subject
  const links = finding.remedies.flatMap((remedy) => {
    if (remedy === 'resume') return []
    const { needs, to } = places[remedy]
    const place = to(subject, finding)
    return may(me, needs) && place !== null ? [{ remedy, place }] : []
  })
  const mayResume = finding.remedies.includes('resume') && gateway !== null && may(me, 'gateways:write')
  if (links.length === 0 && !mayResume) return null
  return (
    <div className={small ? css.remediesSmall : css.remedies}>
      {mayResume && (
        <Button variant="filled" size={small ? 'xs' : 'sm'} onClick={() => setResuming(true)}>
          {t('remedy.resume')}
        </Button>
      )}
      {links.map(({ remedy, place }, index) => (
        <Button
          key={remedy}
          component={Link}
          to={place}
          size={small ? 'xs' : 'sm'}
          variant={index === 0 && !mayResume && !small ? 'filled' : 'subtle'}
        >
          {t(`remedy.${remedy}`)}
        </Button>
      ))}
      {resuming && gateway !== null && (
        <GatewayActionDialog action="resume" gateways={[gateway]} onClose={() => setResuming(false)} />
      )}
    </div>
  )
}
