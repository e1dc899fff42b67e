import { useTranslation } from 'react-i18next'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import css from './sign-on.module.css'

/** Where the provider sends people back to: it takes only addresses that are registered there. */
export function SignOnRedirects({ uris }: { uris: readonly string[] }) {
  const { t } = useTranslation('sign-on')
  return (
    <section className={css.part} aria-label={t('redirects.title')}>
      <div className={css.head}>
        <h3>{t('redirects.title')}</h3>
        <CopyButton value={uris.join('\n')} />
      </div>
      <p className="small sub">{t('redirects.text')}</p>
      <ul className={css.addresses}>
        {uris.map((uri) => (
          <li key={uri}>
            <code className="mono small">{uri}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}
