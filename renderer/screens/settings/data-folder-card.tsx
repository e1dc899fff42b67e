import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { ShellApi } from '#contract/shell.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './settings.module.css'

/** On the desktop: where the data lies, and how to run on another folder. */
export function DataFolderCard({ shell, dataDir }: { shell: ShellApi; dataDir: string }) {
  const { t } = useTranslation('settings')
  const open = useMutation({ mutationFn: () => shell.openDataFolder() })
  const choose = useMutation({ mutationFn: () => shell.chooseDataFolder() })
  return (
    <Card title={t('folder.title')}>
      <div className={css.form}>
        <p>{t('folder.text')}</p>
        <code className={`mono ${css.wrap}`}>{dataDir}</code>
        <div className={css.row}>
          <Button leftSection={<Icon name="folder" />} onClick={() => open.mutate()}>
            {t('folder.open')}
          </Button>
          <Button loading={choose.isPending} onClick={() => choose.mutate()}>
            {t('folder.choose')}
          </Button>
        </div>
        <p className="small sub">{t('folder.restart')}</p>
        {open.error !== null && <ErrorNote error={open.error} />}
        {choose.error !== null && <ErrorNote error={choose.error} />}
      </div>
    </Card>
  )
}
