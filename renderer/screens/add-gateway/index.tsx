import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { GatewayQuestions } from './gateway-questions.tsx'
import { Provisioned, type ProvisionedGateway } from './provisioned.tsx'

/** One gateway: who it is, its certificate, its files, and the wait for its first reading. */
export function AddGatewayScreen() {
  const { t } = useTranslation('add-gateway')
  const may = useMay('gateways:write')
  const [made, setMade] = useState<ProvisionedGateway | null>(null)
  const title = made === null ? t('title') : t('doneTitle', { code: made.code })
  return (
    <Page
      title={title}
      heading={
        <>
          <Link to="/fleet" className="sub">
            {t('fleet')}
          </Link>
          <span className="sub" aria-hidden="true">
            /
          </span>
          <h1>{title}</h1>
        </>
      }
    >
      {!may ? (
        <Empty title={t('forbidden.title')} text={t('forbidden.text')} />
      ) : made === null ? (
        <GatewayQuestions onMade={setMade} />
      ) : (
        <Provisioned gateway={made} onAnother={() => setMade(null)} />
      )}
    </Page>
  )
}
