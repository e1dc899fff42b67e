import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Certificate } from '#contract/api/certificates.ts'
import { queryClient, shell } from '#renderer/api/client.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { saveFile } from '#renderer/ui/save-file.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { groupedHex } from '../gateway/hex.ts'
import css from './certificates.module.css'
import { caQuery, useCrl } from './use-certificates.ts'

/** The three things that the site's trust stands on: the device chain, the web CA, the revocation list. */
export function CaCards({ certificates }: { certificates: readonly Certificate[] }) {
  const active = (kind: Certificate['kind']) =>
    certificates.find((certificate) => certificate.kind === kind && certificate.state === 'active')
  return (
    <div className={css.cards}>
      <CaCard
        kind="device"
        main={active('device_root')}
        chain={[active('device_issuing'), active('server_issuing'), active('broker')]}
      />
      <CaCard kind="web" main={active('web_ca')} chain={[active('web')]} />
      <CrlCard />
    </div>
  )
}

function CaCard(props: {
  kind: 'device' | 'web'
  main: Certificate | undefined
  chain: (Certificate | undefined)[]
}) {
  const { kind, main } = props
  const { t } = useTranslation('certificates')
  const format = useFormat()
  const download = useMutation({
    mutationFn: async () => {
      const pems = await queryClient.ensureQueryData(caQuery)
      return await saveFile(
        kind === 'device' ? 'ca.crt' : 'web-ca.crt',
        kind === 'device' ? pems.devicePem : pems.webPem,
        'application/x-x509-ca-cert',
      )
    },
  })
  return (
    <Card
      title={t(`ca.${kind}.title`)}
      end={
        <Button
          size="xs"
          leftSection={<Icon name="download" size={14} />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          {t(`ca.${kind}.file`)}
        </Button>
      }
    >
      <p className={css.lead}>{t(`ca.${kind}.text`)}</p>
      {main !== undefined && (
        <KeyValues
          pairs={[
            [t('ca.ends'), <Ends key="ends" certificate={main} />],
            ...props.chain
              .filter((certificate) => certificate !== undefined)
              .map(
                (certificate) =>
                  [
                    t(`kind.${certificate.kind}`),
                    <Ends key={certificate.id} certificate={certificate} />,
                  ] as const,
              ),
            [
              t('ca.fingerprint'),
              <span key="print" className={css.print}>
                <code className="mono" title={format.utc(main.notBefore)}>
                  {groupedHex(main.fingerprint)}
                </code>
                <CopyButton value={main.fingerprint} />
              </span>,
            ],
          ]}
        />
      )}
      {download.error !== null && <ErrorNote error={download.error} />}
    </Card>
  )
}

function Ends({ certificate }: { certificate: Certificate }) {
  const { t } = useTranslation('certificates')
  const format = useFormat()
  const now = useNow()
  const due = certificate.dueAt.getTime() <= now
  return (
    <span className={css.ends} title={format.utc(certificate.notAfter)}>
      {due && <StateMark mark="due" size={14} />}
      {t('ends', {
        date: format.numericDate(certificate.notAfter),
        span: format.span(certificate.notAfter.getTime() - now),
      })}
    </span>
  )
}

function CrlCard() {
  const { t } = useTranslation('certificates')
  const format = useFormat()
  const now = useNow()
  const query = useCrl()
  const crl = query.data
  const late = crl !== undefined && crl.nextUpdate.getTime() <= now
  return (
    <Card
      title={t('crl.title')}
      end={
        // The desktop window has no address of the site to download from.
        shell === undefined && (
          <Button
            size="xs"
            component="a"
            href="/pki/crl"
            download="millwright.crl"
            leftSection={<Icon name="download" size={14} />}
          >
            {t('crl.file')}
          </Button>
        )
      }
    >
      <p className={css.lead}>{t('crl.text')}</p>
      {query.error !== null && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {crl !== undefined && (
        <KeyValues
          pairs={[
            [t('crl.entries'), format.integer(crl.entries)],
            [t('crl.number'), format.integer(crl.number)],
            [
              t('crl.thisUpdate'),
              <span key="this" title={format.utc(crl.thisUpdate)}>
                {format.dateTime(crl.thisUpdate)}
              </span>,
            ],
            [
              t('crl.nextUpdate'),
              <span
                key="next"
                className={late ? `${css.ends} t-red` : css.ends}
                title={format.utc(crl.nextUpdate)}
              >
                {late && <StateMark mark="failed" size={14} />}
                {late
                  ? t('crl.late', { span: format.span(now - crl.nextUpdate.getTime()) })
                  : t('crl.next', { span: format.span(crl.nextUpdate.getTime() - now) })}
              </span>,
            ],
          ]}
        />
      )}
    </Card>
  )
}
