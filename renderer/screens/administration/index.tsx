import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import css from './administration.module.css'
import { sectionsFor } from './sections.ts'

/** The frame of everything about people and rights: a row of sections, each with its permission, and one below it. */
export function AdministrationLayout() {
  const { t } = useTranslation('administration')
  const { several } = useTenants()
  return (
    <>
      <nav className={css.nav} aria-label={t('title')}>
        <ul className={css.list}>
          {sectionsFor(useMe()).map(({ name, to }) => (
            <li key={name}>
              <Link
                to={to as '/'}
                className={css.link}
                activeOptions={{ includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
              >
                {t(name === 'tenants' && !several ? 'section.groups' : `section.${name}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </>
  )
}
