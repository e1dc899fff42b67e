import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { lockSession } from '../api/lock.ts'
import { useMe } from '../api/use-session.ts'
import { changeLanguage } from '../i18n/i18n.ts'
import { languageNames, languages } from '../i18n/languages.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { useRoleName } from '../ui/role-name.ts'
import { initials } from './initials.ts'
import css from './shell.module.css'
import { signOut } from './sign-out.ts'

export const themes: readonly { scheme: MantineColorScheme; icon: IconName }[] = [
  { scheme: 'light', icon: 'sun' },
  { scheme: 'dark', icon: 'moon' },
  { scheme: 'auto', icon: 'screen' },
]

/** Who is signed in; their account, theme, language, lock, sign out. */
export function UserMenu() {
  const { t, i18n } = useTranslation('common')
  const me = useMe()
  const navigate = useNavigate()
  const roleName = useRoleName()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  if (me === undefined) return null
  const name = me.name === '' ? (me.email ?? '') : me.name
  const letters = initials(name)
  const tick = (on: boolean) => (on ? <Icon name="check" /> : null)
  return (
    <Menu width={240}>
      <Menu.Target>
        <button type="button" className={css.who} aria-label={t('user.menu', { name, letters })} title={name}>
          {letters}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <span className="strong" style={{ color: 'var(--text)' }}>
            {name}
          </span>
          {me.email !== null && me.email !== name && (
            <>
              <br />
              {me.email}
            </>
          )}
          <br />
          {me.role === null ? me.roleName : roleName(me.role, me.roleName)}
        </Menu.Label>
        {me.kind === 'person' && (
          <Menu.Item
            leftSection={<Icon name="person" />}
            onClick={() => void navigate({ to: '/account' } as never)}
          >
            {t('user.account')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Label>{t('user.theme')}</Menu.Label>
        {themes.map(({ scheme, icon }) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={icon} />}
            rightSection={tick(colorScheme === scheme)}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`theme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t('user.language')}</Menu.Label>
        {languages.map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={tick(i18n.language === language)}
            onClick={() => void changeLanguage(language)}
          >
            {languageNames[language]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {me.kind === 'person' && (
          <Menu.Item leftSection={<Icon name="lock" />} onClick={() => void lockSession()}>
            {t('user.lock')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Icon name="sign-out" />} onClick={() => void signOut()}>
          {t('user.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
