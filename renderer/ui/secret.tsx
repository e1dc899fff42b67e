import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button.tsx'
import { Icon } from './icon.tsx'
import css from './layout.module.css'
import { saveFile } from './save-file.ts'

/** A secret that is shown once: to copy, to download, and said to be not shown again. */
export function Secret(props: {
  value: string
  fileName: string
  fileContent?: string
  label: string
  onKept?: () => void
}) {
  const { t } = useTranslation('common')
  const save = async () => {
    const saved = await saveFile(props.fileName, props.fileContent ?? `${props.value}\n`, 'text/plain')
    if (saved !== null) props.onKept?.()
  }
  return (
    <div>
      <div className={css.secret}>
        <code aria-label={props.label}>{props.value}</code>
        <span onClickCapture={props.onKept}>
          <CopyButton value={props.value} />
        </span>
        <Button size="xs" leftSection={<Icon name="download" size={14} />} onClick={() => void save()}>
          {t('action.download')}
        </Button>
      </div>
      <p className="small t-orange" style={{ marginTop: 4 }}>
        {t('notShownAgain')}
      </p>
    </div>
  )
}
