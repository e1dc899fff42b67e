import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useConfirmReceived, useDownloadCredentials } from './credentials.ts'
import css from './gateway.module.css'

/** While the private key waits to be handed over: download it, then say that it arrived. */
export function CredentialsNote({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const may = useMay('certificates:write')
  const download = useDownloadCredentials(gateway)
  const received = useConfirmReceived(gateway)
  const saved = typeof download.data === 'string'
  return (
    <>
      <Note
        tone="info"
        mark="waiting"
        title={saved ? t('credentials.savedTitle') : t('credentials.title')}
        action={
          may && (
            <span className={css.noteActions}>
              <Button
                variant={saved ? 'default' : 'filled'}
                leftSection={<Icon name="download" size={14} />}
                loading={download.isPending}
                onClick={() => download.mutate()}
              >
                {saved ? t('credentials.again') : t('credentials.download')}
              </Button>
              <Button
                variant={saved ? 'filled' : 'default'}
                disabled={!saved}
                loading={received.isPending}
                onClick={() => received.mutate()}
              >
                {t('credentials.received')}
              </Button>
            </span>
          )
        }
      >
        {saved
          ? t(gateway.credential === 'secret' ? 'credentials.savedTextSecret' : 'credentials.savedText', {
              path: download.data ?? '',
            })
          : t(gateway.credential === 'secret' ? 'credentials.textSecret' : 'credentials.text')}
      </Note>
      {download.error !== null && <ErrorNote error={download.error} />}
      {received.error !== null && <ErrorNote error={received.error} />}
    </>
  )
}
