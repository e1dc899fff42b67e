import { skipToken, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { Empty, Page, Skeleton } from '#renderer/ui/layout.tsx'
import { gatewayQuery } from '../gateway/use-gateway.ts'
import css from './add-gateway.module.css'
import { EstCard } from './est-card.tsx'
import { formOfGateway } from './gateway-form.ts'
import { GatewayQuestions } from './gateway-questions.tsx'
import { Provisioned, type ProvisionedGateway } from './provisioned.tsx'

/** One gateway: who it is, its certificate, its files, and the wait for its first reading. */
export function AddGatewayScreen() {
  const { t } = useTranslation('add-gateway')
  const may = useMay('gateways:write')
  const search: { again?: unknown } = useSearch({ strict: false })
  const [made, setMade] = useState<ProvisionedGateway | null>(null)
  const [fresh, setFresh] = useState(false)
  const again = typeof search.again === 'string' && !fresh ? search.again : null
  const known = useQuery({ ...gatewayQuery(again ?? ''), ...(again === null ? { queryFn: skipToken } : {}) })
  const before = again === null ? undefined : known.data
  const title =
    made !== null
      ? t('doneTitle', { code: made.code })
      : before === undefined
        ? t('title')
        : t('againTitle', { code: before.code })
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
      ) : made !== null ? (
        <Provisioned
          gateway={made}
          onAnother={() => {
            setFresh(true)
            setMade(null)
          }}
        />
      ) : again !== null && known.isPending ? (
        <Skeleton />
      ) : (
        <>
          <GatewayQuestions
            onMade={setMade}
            {...(before === undefined ? {} : { initial: formOfGateway(before) })}
          />
          {before === undefined && (
            <div className={css.form}>
              <EstCard />
            </div>
          )}
        </>
      )}
    </Page>
  )
}
