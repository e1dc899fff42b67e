import { TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { api } from '#renderer/api/client.ts'
import { DialogForm } from './dialog-form.tsx'
import { slugProblem } from './slug-problem.ts'
import { tenantsChanged } from './use-tenants.ts'

/** One more organisation on the site. `first`: until now there was one, and nothing showed that there could be more. */
export function CreateTenantDialog(props: {
  first?: string
  onCreated(tenant: TenantDetails): void
  onClose(): void
}) {
  const { t } = useTranslation('tenants')
  const [name, setName] = useState('')
  const [slug, setSlug] = useState('')
  const [left, setLeft] = useState(false)
  const [slugLeft, setSlugLeft] = useState(false)
  const nameless = name.trim() === ''
  const problem = slugProblem(slug)
  const create = useMutation({
    mutationFn: () =>
      api.tenants.create({ name: name.trim(), ...(slug.trim() === '' ? {} : { slug: slug.trim() }) }),
    async onSuccess(tenant) {
      await tenantsChanged()
      props.onClose()
      props.onCreated(tenant)
    },
  })
  return (
    <DialogForm
      title={t(props.first === undefined ? 'create.title' : 'several.title')}
      button={t('create.button')}
      pending={create.isPending}
      error={create.error}
      onSubmit={() => {
        setLeft(true)
        setSlugLeft(true)
        if (!nameless && problem === null) create.mutate()
      }}
      onClose={props.onClose}
    >
      {props.first !== undefined && (
        <>
          <p>{t('several.text')}</p>
          <p className="sec">{t('several.kept', { name: props.first })}</p>
        </>
      )}
      <TextInput
        label={t('field.name')}
        value={name}
        maxLength={100}
        error={left && nameless ? t('field.nameEmpty') : null}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => setLeft(name !== '')}
        data-autofocus
      />
      <TextInput
        label={t('field.slug')}
        description={t('field.slugHint')}
        placeholder={t('field.slugOwn')}
        value={slug}
        maxLength={63}
        error={slugLeft && problem !== null ? t(`field.${problem}`) : null}
        onChange={(event) => setSlug(event.currentTarget.value)}
        onBlur={() => setSlugLeft(true)}
        autoComplete="off"
        spellCheck={false}
      />
    </DialogForm>
  )
}
