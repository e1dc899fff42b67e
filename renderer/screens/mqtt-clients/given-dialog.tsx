import { Button, Group, Modal, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { MqttAddresses, MqttClient, MqttCredentials } from '#contract/api/mqtt-clients.ts'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { Secret } from '#renderer/ui/secret.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { CommandLines, Files } from './connect-guide.tsx'
import { addressFor, connectLines } from './connect-lines.ts'
import { ListenerNote } from './listener-note.tsx'

/** What a client was given, once: to copy and to save, with how it connects. */
export function GivenDialog(props: {
  client: MqttClient
  credentials: MqttCredentials
  addresses: MqttAddresses
  onClose(): void
}) {
  const { t } = useTranslation(['mqtt-clients', 'common'])
  useFocusBack()
  const { client, credentials, addresses } = props
  const { password, certificate, caPem } = credentials
  const address = addressFor(addresses, certificate === null ? 'password' : 'certificate')
  const lines =
    address === null
      ? []
      : connectLines(
          address,
          certificate === null ? { username: client.username, password: password ?? '' } : 'certificate',
          client,
        )
  return (
    <Modal
      opened
      onClose={props.onClose}
      // A click beside it must not lose what is shown once.
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t('given.title', { name: client.name })}
      size={680}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <KeyValues
          pairs={[
            [t('column.username'), <code key="username">{client.username}</code>],
            [t('panel.prefix'), <code key="prefix">{`${client.prefix}/…`}</code>],
          ]}
        />
        {password !== null && (
          <Secret value={password} fileName={`${client.username}.txt`} label={t('sign.password')} />
        )}
        {certificate !== null && (
          <div>
            <p>{t('given.certificate')}</p>
            <Files
              files={[
                { name: 'client.crt', content: certificate.certificatePem },
                { name: 'client.key', content: certificate.privateKeyPem },
              ]}
            />
            <p className="small t-orange" style={{ marginTop: 4 }}>
              {t('common:notShownAgain')}
            </p>
          </div>
        )}
        <div>
          <p>{t('given.ca')}</p>
          <Files files={[{ name: 'ca.crt', content: caPem }]} />
        </div>
        {password !== null && <ListenerNote addresses={addresses} />}
        <CommandLines lines={lines} />
        <p className="sec small">{t('given.programs')}</p>
        <Group justify="flex-end">
          <Button variant="filled" onClick={props.onClose} data-autofocus>
            {t('given.done')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
