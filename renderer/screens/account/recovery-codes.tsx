import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSite } from '#renderer/api/use-session.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import css from './account.module.css'

/** Shown once, to copy, download or write down. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept(): void }) {
  const { t } = useTranslation(['account', 'common'])
  const site = useSite()
  const text = `${codes.join('\n')}\n`
  const content = `${t('factor.fileHead', { site: site?.name ?? 'Millwright' })}\n\n${text}`
  return (
    <div className={css.bare}>
      <p>{t('factor.codesText')}</p>
      <ol className={css.codes} aria-label={t('factor.codes')}>
        {codes.map((code) => (
          <li key={code}>
            <code className="mono">{code}</code>
          </li>
        ))}
      </ol>
      <div className={css.row}>
        <CopyButton value={text} />
        <Button
          size="xs"
          leftSection={<Icon name="download" size={14} />}
          onClick={() => void saveFile('millwright-recovery-codes.txt', content, 'text/plain')}
        >
          {t('common:action.download')}
        </Button>
      </div>
      <p className="small t-orange">{t('common:notShownAgain')}</p>
      <div className={css.row}>
        <Button variant="filled" onClick={onKept}>
          {t('factor.kept')}
        </Button>
      </div>
    </div>
  )
}
