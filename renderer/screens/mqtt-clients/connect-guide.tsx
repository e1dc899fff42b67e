import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import type { ConnectLine } from './connect-lines.ts'
import css from './mqtt-clients.module.css'

/** Lines that connect, ready to paste into a terminal. */
export function CommandLines({ lines }: { lines: readonly ConnectLine[] }) {
  const { t } = useTranslation('mqtt-clients')
  return lines.map(({ what, command }) => (
    <div key={what}>
      <p className="sec small">{t(`line.${what}`)}</p>
      <div className={css.command}>
        <code aria-label={t(`line.${what}`)}>{command}</code>
        <CopyIconButton value={command} label={t(`line.copy`)} />
      </div>
    </div>
  ))
}

/** What a client needs besides a password, as files with the names that the lines use. */
export function Files({ files }: { files: readonly { name: string; content: string }[] }) {
  const { t } = useTranslation('mqtt-clients')
  return (
    <div className={css.files}>
      {files.map(({ name, content }) => (
        <Button
          key={name}
          size="xs"
          leftSection={<Icon name="download" size={14} />}
          onClick={() => void saveFile(name, content, 'application/x-pem-file')}
        >
          {t('file.save', { name })}
        </Button>
      ))}
    </div>
  )
}
