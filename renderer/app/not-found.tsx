import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Empty } from '../ui/layout.tsx'
import { useTitle } from '../ui/use-title.ts'
import css from './shell.module.css'

export function NotFound() {
  const { t } = useTranslation('common')
  useTitle(t('notFound.title'))
  return (
    <main className={css.centre}>
      <Empty
        title={t('notFound.title')}
        text={t('notFound.text')}
        action={
          <Button variant="filled" renderRoot={(props) => <Link to="/" {...props} />}>
            {t('crash.home')}
          </Button>
        }
      />
    </main>
  )
}
