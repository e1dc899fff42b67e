import { Button } from '@mantine/core'
import { Link, Navigate, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'

/** Where the QR code of a printed label leads: to its gateway; to the box that waits, where it is none yet. */
export function LabelScreen() {
  const { t } = useTranslation('claims')
  const { label } = useParams({ from: '/shell/label/$label' })
  const fleet = useFleet()
  const mayClaim = useMay('claims:accept')
  const gateway = fleet.rows.find((row) => row.label.toUpperCase() === label.toUpperCase())
  if (gateway !== undefined)
    return <Navigate to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }} replace />
  if (fleet.error !== undefined)
    return (
      <Page title={label}>
        <ErrorNote error={fleet.error} />
      </Page>
    )
  if (!fleet.ready)
    return (
      <Page title={label}>
        <Skeleton />
      </Page>
    )
  return (
    <Page title={label}>
      <Empty
        title={t('unknownLabel.title', { label })}
        text={t('unknownLabel.text')}
        action={
          mayClaim ? (
            <Button
              variant="filled"
              renderRoot={(root) => <Link to="/claims" search={{ label }} {...root} />}
            >
              {t('unknownLabel.claim')}
            </Button>
          ) : (
            <Button renderRoot={(root) => <Link to="/fleet" {...root} />}>{t('unknownLabel.fleet')}</Button>
          )
        }
      />
    </Page>
  )
}
