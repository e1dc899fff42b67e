import { Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from '../tenants/dialog-form.tsx'
import { OwnerSelect, useOwner } from './owner-select.tsx'
import { firmwareChanged } from './use-firmware.ts'

/** A publisher whose signature counts from now on. `publicKey`: of a bundle that is here already. */
export function PublisherDialog(props: { publicKey: string; onClose(): void }) {
  const { t } = useTranslation('firmware')
  const [name, setName] = useState('')
  const [key, setKey] = useState(props.publicKey)
  const [tried, setTried] = useState(false)
  const owner = useOwner()
  const isNameless = name.trim() === ''
  const isKeyless = key.trim() === ''
  const add = useMutation({
    mutationFn: () =>
      api.firmware.addPublisher({
        name,
        publicKey: key,
        ...(owner.tenant !== null && { tenant: owner.tenant }),
      }),
    async onSuccess() {
      await firmwareChanged()
      props.onClose()
    },
  })
  return (
    <DialogForm
      title={t('publisher.addTitle')}
      button={t('publisher.add')}
      pending={add.isPending}
      error={add.error}
      size={520}
      onSubmit={() => {
        setTried(true)
        if (!isNameless && !isKeyless) add.mutate()
      }}
      onClose={props.onClose}
    >
      <p className="sec">{t('publisher.addText')}</p>
      <TextInput
        label={t('publisher.name')}
        value={name}
        maxLength={100}
        error={tried && isNameless ? t('publisher.nameEmpty') : null}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
      />
      <Textarea
        label={t('publisher.key')}
        description={t('publisher.keyHint')}
        value={key}
        error={tried && isKeyless ? t('publisher.keyEmpty') : null}
        onChange={(event) => setKey(event.currentTarget.value)}
        autosize
        minRows={3}
        maxRows={6}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 'var(--fs-12)' } }}
      />
      <OwnerSelect owner={owner} label={t('publisher.trustedBy')} hint={t('publisher.ownerHint')} />
    </DialogForm>
  )
}
