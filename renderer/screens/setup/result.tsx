import { Button, Checkbox } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, queryClient } from '#renderer/api/client.ts'
import { beginSession, setupQuery } from '#renderer/api/session.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { Note } from '#renderer/ui/note.tsx'
import { Secret } from '#renderer/ui/secret.tsx'
import type { Answers } from './answers.ts'
import css from './setup.module.css'
import type { Completed } from './use-setup.ts'

/** The site runs. The recovery code is seen here and nowhere else. */
export function Result({ answers, completed }: { answers: Answers; completed: Completed }) {
  const { t } = useTranslation('setup')
  const navigate = useNavigate()
  const [kept, setKept] = useState(false)
  const enter = useMutation({
    mutationFn: async () =>
      beginSession(await api.auth.login({ email: answers.email.trim(), password: answers.password })),
    onSettled: async (_, error) => {
      await queryClient.fetchQuery({ ...setupQuery, staleTime: 0 }).catch(() => {})
      // Where the sign-in does not go through (the site moved to its own certificate), the person signs in by hand.
      await navigate(error === null ? { to: '/fleet/add' } : { to: '/login', search: { to: '/fleet/add' } })
    },
  })
  const file = t('result.file', {
    site: completed.siteName,
    code: completed.recoveryCode,
    ca: grouped(completed.caFingerprint),
    web: grouped(completed.webCaFingerprint),
    interpolation: { escapeValue: false },
  })
  return (
    <div style={{ display: 'flex', flexDirection: 'column', flex: 1 }}>
      <h1>
        {t(completed.startFailure === null ? 'result.title' : 'result.titleStopped', {
          site: completed.siteName,
        })}
      </h1>
      <p className="sec" style={{ marginTop: 4 }}>
        {t(completed.startFailure === null ? 'result.text' : 'result.textStopped')}
      </p>
      {completed.startFailure !== null && (
        <div style={{ marginTop: 16 }}>
          <Note tone="orange" title={completed.startFailure}>
            {t('result.startTodo')}
          </Note>
        </div>
      )}
      <div className={`${css.fields} ${css.wide}`}>
        <section>
          <h2>{t('result.recovery')}</h2>
          <p className="small sec" style={{ margin: '4px 0 8px' }}>
            {t('result.recoveryText')}
          </p>
          <Secret
            value={completed.recoveryCode}
            label={t('result.recovery')}
            fileName="millwright-recovery-code.txt"
            fileContent={`${file}\n`}
          />
        </section>
        <section>
          <h2>{t('result.fingerprint')}</h2>
          <p className="small sec" style={{ margin: '4px 0' }}>
            {t('result.fingerprintText')}
          </p>
          <div style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
            <span className="mono sec" style={{ overflowWrap: 'anywhere' }}>
              {grouped(completed.caFingerprint)}
            </span>
            <CopyButton value={completed.caFingerprint} />
          </div>
        </section>
        <Checkbox
          label={t('result.kept')}
          checked={kept}
          onChange={(event) => setKept(event.currentTarget.checked)}
        />
      </div>
      <div className={css.foot}>
        <span />
        <span className="sub small">{kept ? '' : t('result.keptFirst')}</span>
        <Button
          size="lg"
          variant="filled"
          disabled={!kept}
          loading={enter.isPending}
          onClick={() => enter.mutate()}
        >
          {t('result.next')}
        </Button>
      </div>
    </div>
  )
}

function grouped(hex: string): string {
  return (hex.match(/.{1,4}/g) ?? []).join(' ')
}
