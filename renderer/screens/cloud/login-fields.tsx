import { Button, Checkbox, FileButton, PasswordInput, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { readError } from '#renderer/api/read-error.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './cloud.module.css'
import { fieldOf, type LoginField, type LoginForm, loginProblems, splitPassword } from './login-form.ts'

/** A certificate is some thousand characters; what is much larger is another file. */
const MOST_CHARACTERS = 100_000

/** Where the cloud is and how this site signs in there. A refusal of the server stands at the answer that it is about. */
export function LoginFields(props: {
  form: LoginForm
  change(part: Partial<LoginForm>): void
  /** Submit was pressed: every problem is shown, not only those of fields that were left. */
  tried: boolean
  error: unknown
}) {
  const { t } = useTranslation('cloud')
  const { form, change, error } = props
  const [left, setLeft] = useState<ReadonlySet<LoginField>>(new Set())
  const problems = loginProblems(form)
  const refused = error === null ? null : fieldOf(readError(error).code)
  const errorOf = (field: LoginField) => {
    const problem = problems[field]
    if (problem !== undefined && (props.tried || left.has(field))) return t(`login.problem.${problem}`)
    return refused === field
  }
  const leave = (field: LoginField) => {
    if (form[field] !== '') setLeft((before) => new Set(before).add(field))
  }
  const changeUrl = (url: string) => {
    const split = splitPassword(url)
    if (split === null) change({ url })
    else change({ url: split.url, ...(split.password !== '' && { password: split.password }) })
  }
  const note = (field: LoginField | null) =>
    error !== null && refused === field && <ErrorNote error={error} />
  return (
    <div className={css.fields}>
      <TextInput
        label={t('login.url')}
        description={t('login.urlHint')}
        placeholder="postgres://millwright_site_…@cloud.example:5432/millwright"
        value={form.url}
        maxLength={1_000}
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        data-autofocus
        error={errorOf('url')}
        onChange={(event) => changeUrl(event.currentTarget.value)}
        onBlur={() => leave('url')}
      />
      {note('url')}
      <PasswordInput
        label={t('login.password')}
        description={t('login.passwordHint')}
        value={form.password}
        maxLength={1_000}
        autoComplete="off"
        error={errorOf('password')}
        visibilityToggleButtonProps={{ 'aria-label': t('login.show') }}
        onChange={(event) => change({ password: event.currentTarget.value })}
        onBlur={() => leave('password')}
      />
      {note('password')}
      <Textarea
        label={t('login.ca')}
        description={t('login.caHint')}
        placeholder="-----BEGIN CERTIFICATE-----"
        value={form.ca}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={MOST_CHARACTERS}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        error={errorOf('ca')}
        onChange={(event) => change({ ca: event.currentTarget.value })}
        onBlur={() => leave('ca')}
      />
      <div className={css.row}>
        <FileButton
          accept=".pem,.crt,.cer,.ca-bundle,application/x-pem-file,application/x-x509-ca-cert"
          onChange={(file) => {
            if (file !== null)
              void file
                .slice(0, MOST_CHARACTERS)
                .text()
                .then((ca) => change({ ca }))
          }}
        >
          {(button) => (
            <Button {...button} size="xs" leftSection={<Icon name="folder" size={14} />}>
              {t('login.caFile')}
            </Button>
          )}
        </FileButton>
      </div>
      {note('ca')}
      <Checkbox
        label={t('login.inside')}
        description={t('login.insideHint')}
        checked={form.insideNetwork}
        error={errorOf('insideNetwork')}
        onChange={(event) => change({ insideNetwork: event.currentTarget.checked })}
      />
      {note('insideNetwork')}
      {note(null)}
    </div>
  )
}
