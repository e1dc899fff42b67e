import { Button, Modal } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BenchPort } from '#contract/api/bench.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { Note } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from '../bench.module.css'
import { WifiField } from '../wifi-field.tsx'
import { ActionForm, TenantField } from './action-form.tsx'

/** Gives a board that runs its Wi-Fi over the serial line, without flashing it. */
export function SerialSetupDialog({ port, onClose }: { port: BenchPort; onClose(): void }) {
  const { t } = useTranslation('bench')
  const { acting } = useTenants()
  const [tenant, setTenant] = useState(acting?.id ?? null)
  const [wifiId, setWifiId] = useState<string | null>(null)
  const [tried, setTried] = useState(false)
  const setUp = useMutation({
    mutationFn: (id: string) =>
      api.bench.setUpOverSerial({ port: port.path, wifiId: id, ...(tenant !== null && { tenant }) }),
  })
  if (setUp.data !== undefined) return <Result port={port} result={setUp.data} onClose={onClose} />
  return (
    <ActionForm
      title={t('serial.title', { name: port.name })}
      button={t('serial.button')}
      isBusy={setUp.isPending}
      error={setUp.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (wifiId !== null) setUp.mutate(wifiId)
      }}
    >
      <p>{t('serial.text')}</p>
      <TenantField value={tenant} onChange={setTenant} />
      <WifiField tenant={tenant} value={wifiId} onChange={setWifiId} needed />
      {tried && wifiId === null && (
        <p className="t-red small" role="alert">
          {t('serial.wifiFault')}
        </p>
      )}
      {setUp.isPending && <p role="status">{t('serial.going')}</p>}
    </ActionForm>
  )
}

type Answer = Awaited<ReturnType<typeof api.bench.setUpOverSerial>>

function Result({ port, result, onClose }: { port: BenchPort; result: Answer; onClose(): void }) {
  const { t } = useTranslation(['bench', 'common'])
  useFocusBack()
  const url = webAddress(result.url)
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('serial.title', { name: port.name })}
      size={480}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <div className={css.dialog}>
        <Note tone="info" title={t('serial.done')}>
          {t(`serial.way.${result.way}`)}
        </Note>
        <KeyValues
          pairs={[
            [t('serial.firmware'), `${result.firmware} ${result.version}`],
            [t('board.chip'), result.chip],
            url === null
              ? null
              : [
                  t('serial.page'),
                  <a key="url" href={url} target="_blank" rel="noreferrer noopener">
                    {url}
                  </a>,
                ],
          ]}
        />
        <div className={css.dialogFoot}>
          <Button variant="filled" data-autofocus onClick={onClose}>
            {t('common:action.close')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

/** What a board says is no more than text: only an address of the web becomes a link. */
function webAddress(text: string | null): string | null {
  if (text === null || !/^https?:\/\//i.test(text)) return null
  return URL.canParse(text) ? text : null
}
