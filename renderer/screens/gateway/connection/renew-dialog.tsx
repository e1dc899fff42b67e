import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type CredentialKind, credentialKinds, type Gateway } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '#renderer/screens/tenants/dialog-form.tsx'
import { Secret } from '#renderer/ui/secret.tsx'
import { gatewayChanged } from '../use-gateway.ts'

/** A new credential: the old one ends, so its code is to be typed. What was made waits as after an enrollment. */
export function RenewDialog(props: { gateway: Gateway; credential: CredentialKind; onClose(): void }) {
  const { t } = useTranslation('connection')
  const { gateway, onClose } = props
  const [credential, setCredential] = useState(props.credential)
  const [typed, setTyped] = useState('')
  const [left, setLeft] = useState(false)
  const confirmed = typed.trim() === gateway.code
  const renew = useMutation({
    mutationFn: () => api.gateways.renewCredential({ gateway: gateway.id, credential }),
    onSuccess(made) {
      gatewayChanged(gateway.id)
      if (made.certificate_pem !== null) onClose()
    },
  })
  const made = renew.data
  if (made !== undefined && made.certificate_pem === null && made.mqtt_password !== null)
    return <SecretDialog code={made.code} secret={made.mqtt_password} onClose={onClose} />
  return (
    <DialogForm
      title={t('renew.title', { code: gateway.code })}
      button={t('renew.button')}
      danger
      disabled={!confirmed}
      pending={renew.isPending}
      error={renew.error}
      onSubmit={() => renew.mutate()}
      onClose={onClose}
    >
      <p>{t('renew.text')}</p>
      <Select
        label={t('kind')}
        description={t(`credentialIs.${credential}.text`)}
        data={credentialKinds.map((kind) => ({ value: kind, label: t(`credentialIs.${kind}.title`) }))}
        value={credential}
        onChange={(value) => setCredential(credentialKinds.find((kind) => kind === value) ?? credential)}
        allowDeselect={false}
      />
      <TextInput
        label={t('renew.type', { code: gateway.code })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setLeft(typed !== '')}
        error={left && !confirmed ? t('renew.typeExpected', { code: gateway.code }) : null}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
    </DialogForm>
  )
}

/** What was made, once: until the gateway has connected the ZIP has it too. */
function SecretDialog({ code, secret, onClose }: { code: string; secret: string; onClose(): void }) {
  const { t } = useTranslation(['connection', 'common'])
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('secret.title', { code })}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t('secret.text')}</p>
        <Secret value={secret} fileName={`${code}_secret.txt`} label={t('secret.label')} />
        <Group justify="flex-end">
          <Button variant="filled" onClick={onClose}>
            {t('common:action.close')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
