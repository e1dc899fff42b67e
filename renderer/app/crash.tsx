import { Button } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { queryClient } from '../api/client.ts'
import { readError } from '../api/read-error.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { ErrorNote, Note } from '../ui/note.tsx'
import { useTitle } from '../ui/use-title.ts'
import css from './shell.module.css'

/** What stands in place of a screen that could not be shown. The rest of the program goes on. */
export function Crash({ error, reset }: { error: unknown; reset?: () => void }) {
  const { t } = useTranslation('common')
  const router = useRouter()
  const lost = readError(error).code !== 'internal'
  useTitle(lost ? t('crash.unreachable') : t('crash.title'))
  const again = () => {
    reset?.()
    void queryClient.resetQueries({ predicate: (query) => query.state.status === 'error' })
    void router.invalidate()
  }
  return (
    <div className={css.centre}>
      <div className={css.message}>
        <h1 className="visually-hidden">{lost ? t('crash.unreachable') : t('crash.title')}</h1>
        {lost ? (
          <ErrorNote error={error} />
        ) : (
          <Note
            tone="red"
            title={t('crash.title')}
            action={<CopyButton value={report(error)} label={t('action.copyDetails')} />}
          >
            {t('crash.todo')}
          </Note>
        )}
        <div style={{ display: 'flex', gap: 8 }}>
          <Button variant="filled" onClick={again}>
            {t('action.retry')}
          </Button>
          <Button onClick={() => location.assign('/')}>{t('crash.home')}</Button>
        </div>
      </div>
    </div>
  )
}

function report(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
