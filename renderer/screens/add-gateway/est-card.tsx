import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, queryClient } from '#renderer/api/client.ts'
import { useSite } from '#renderer/api/use-session.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { Secret } from '#renderer/ui/secret.tsx'
import css from './add-gateway.module.css'

const key = ['est', 'passwords']

/** For boxes that enroll by EST: a one-time password for one box, shown once, and those that wait. */
export function EstCard() {
  const { t } = useTranslation(['add-gateway', 'common'])
  const format = useFormat()
  const [code, setCode] = useState('')
  const [mac, setMac] = useState('')
  // Unfolds when it is asked for: beside the question above, its fields would be taken for that one's.
  const [isOpen, setOpen] = useState(false)
  // Whose site has several tenants says on the command line which one it is for.
  const isSingle = (useSite()?.tenants.length ?? 1) === 1
  const list = useQuery({ queryKey: key, queryFn: () => api.est.list({}), enabled: isSingle })
  const changed = () => void queryClient.invalidateQueries({ queryKey: key })
  const make = useMutation({
    mutationFn: () =>
      api.est.createPassword({
        ...(code.trim() !== '' && { code: code.trim() }),
        ...(mac.trim() !== '' && { mac_address: mac.trim() }),
      }),
    onSuccess: changed,
  })
  const remove = useMutation({
    mutationFn: (username: string) => api.est.removePassword({ username }),
    onSettled: changed,
  })
  if (!isSingle) return null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  const made = make.data
  const waiting = (list.data?.passwords ?? []).filter(({ state }) => state === 'waiting')
  return (
    <Card title={t('est.title')}>
      {made === undefined && !isOpen && (
        <div className={css.fields}>
          <p className="sec">{t('est.text')}</p>
          <div>
            <Button onClick={() => setOpen(true)}>{t('est.make')}</Button>
          </div>
        </div>
      )}
      {made === undefined && isOpen && (
        <form className={css.fields} onSubmit={submit}>
          <p className="sec">{t('est.text')}</p>
          <TextInput
            label={t('code.label')}
            description={t('est.codeHint')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoComplete="off"
          />
          <TextInput
            label={t('mac.label')}
            description={t('est.macHint')}
            placeholder="aa:bb:cc:dd:ee:ff"
            value={mac}
            onChange={(event) => setMac(event.currentTarget.value)}
            classNames={{ input: 'mono' }}
            autoComplete="off"
            spellCheck={false}
          />
          {make.error !== null && <ErrorNote error={make.error} />}
          <div>
            <Button type="submit" loading={make.isPending}>
              {t('est.make')}
            </Button>
          </div>
        </form>
      )}
      {made !== undefined && (
        <div className={css.fields}>
          <Secret
            value={made.password}
            label={t('est.password')}
            fileName={`${made.username}.txt`}
            fileContent={`${made.url}/.well-known/est/\n${made.username}\n${made.password}\n`}
          />
          <KeyValues
            pairs={[
              [
                t('est.username'),
                <span key="name">
                  <code>{made.username}</code> <CopyButton value={made.username} />
                </span>,
              ],
              [t('est.url'), <code key="url">{`${made.url}/.well-known/est/simpleenroll`}</code>],
              [t('est.ends'), format.dateTime(made.expires_at)],
            ]}
          />
          <div>
            <Button
              onClick={() => {
                setCode('')
                setMac('')
                make.reset()
              }}
            >
              {t('est.another')}
            </Button>
          </div>
        </div>
      )}
      {waiting.length > 0 && (
        <div className={css.fields}>
          <h3>{t('est.waiting')}</h3>
          {remove.error !== null && <ErrorNote error={remove.error} />}
          <ul>
            {waiting.map((one) => (
              <li key={one.username}>
                <code>{one.username}</code>{' '}
                <span className="sub">
                  {[one.code, one.mac, t('est.until', { time: format.dateTime(one.expiresAt) })]
                    .filter((part) => part !== null)
                    .join(' · ')}
                </span>{' '}
                <Button
                  size="compact-xs"
                  aria-label={t('est.removeOne', { name: one.username })}
                  loading={remove.isPending && remove.variables === one.username}
                  onClick={() => remove.mutate(one.username)}
                >
                  {t('est.remove')}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  )
}
