import { Button, SegmentedControl } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SiteInfo } from '#contract/api/site.ts'
import { queryClient } from '#renderer/api/client.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { siteHost } from '#renderer/ui/site-host.ts'
import { caQuery, useCertificateList } from '../certificates/use-certificates.ts'
import { groupedHex } from '../gateway/hex.ts'
import css from './settings.module.css'

const systems = ['windows', 'macos', 'linux', 'firefox'] as const
type System = (typeof systems)[number]

/** What is typed on each system; the words around it are translated. */
const commands: Partial<Record<System, string>> = {
  windows: 'certutil -addstore -f Root web-ca.crt',
  macos: 'sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain web-ca.crt',
  linux:
    'sudo cp web-ca.crt /usr/local/share/ca-certificates/millwright-web-ca.crt && sudo update-ca-certificates',
}

/** The web CA, and how a computer is told to trust it, so that browsers warn no more. */
export function TrustCard({ site }: { site: SiteInfo }) {
  const { t } = useTranslation('settings')
  const [system, setSystem] = useState<System>(guessSystem)
  const webCa = useCertificateList().data?.certificates.find(
    (certificate) => certificate.kind === 'web_ca' && certificate.state === 'active',
  )
  useQuery(caQuery)
  const download = useMutation({
    mutationFn: async () =>
      await saveFile(
        'web-ca.crt',
        (await queryClient.ensureQueryData(caQuery)).webPem,
        'application/x-x509-ca-cert',
      ),
  })
  const command = commands[system]
  const address = `https://${siteHost(site.network)}:${site.network.ports.https}`
  return (
    <Card
      title={t('trust.title')}
      end={
        <Button
          size="xs"
          leftSection={<Icon name="download" size={14} />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          {t('trust.download')}
        </Button>
      }
    >
      <div className={css.form}>
        <p>{t('trust.text', { address })}</p>
        {webCa !== undefined && (
          <div>
            <span className={css.label}>{t('trust.fingerprint')}</span>
            <span className={css.print}>
              <code className={`mono ${css.wrap}`}>{groupedHex(webCa.fingerprint)}</code>
              <CopyButton value={webCa.fingerprint} />
            </span>
            <p className="small sub">{t('trust.compare')}</p>
          </div>
        )}
        <SegmentedControl
          aria-label={t('trust.system')}
          value={system}
          onChange={(value) => setSystem(value)}
          data={systems.map((name) => ({ value: name, label: t(`trust.name.${name}`) }))}
        />
        <ol className={css.steps}>
          {([1, 2, 3] as const).map((step) => (
            <li key={step}>{t(`trust.${system}.${step}`)}</li>
          ))}
        </ol>
        {command !== undefined && (
          <div className={css.command}>
            <code className={`mono ${css.wrap}`}>{command}</code>
            <CopyButton value={command} />
          </div>
        )}
        {download.error !== null && <ErrorNote error={download.error} />}
      </div>
    </Card>
  )
}

/** The system this browser runs on: the one asked about most. */
function guessSystem(): System {
  const agent = navigator.userAgent
  if (agent.includes('Firefox/')) return 'firefox'
  if (agent.includes('Windows')) return 'windows'
  return agent.includes('Mac OS X') ? 'macos' : 'linux'
}
