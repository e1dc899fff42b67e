import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import own from './intro.module.css'

const leaves = ['fleet', 'people', 'certificates', 'audit', 'telemetry'] as const
const stays = ['keys', 'passwords', 'sessions', 'settings', 'off'] as const

/** What a cloud is for, what would leave the site, and what never does. */
export function NotJoined() {
  const { t } = useTranslation('cloud')
  const { several } = useTenants()
  return (
    <section className={own.intro} aria-labelledby="cloud-intro">
      <Icon name="cloud" size={40} />
      <h2 id="cloud-intro">{t('intro.title')}</h2>
      <p className="sec">{t('intro.text')}</p>
      <Button component={Link} to="/cloud/join" variant="filled" size="lg">
        {t('intro.join')}
      </Button>
      <p className={own.promise}>
        <StateMark mark="passed" />
        {t('intro.promise')}
      </p>
      <div className={own.lists}>
        <div>
          <h3>{t('intro.leaves')}</h3>
          <ul>
            {leaves.map((what) => (
              <li key={what}>{t(`intro.leave.${what === 'fleet' && several ? 'fleetSeveral' : what}`)}</li>
            ))}
          </ul>
        </div>
        <div>
          <h3>{t('intro.stays')}</h3>
          <ul>
            {stays.map((what) => (
              <li key={what}>{t(`intro.stay.${what}`)}</li>
            ))}
          </ul>
        </div>
        <div>
          <h3>{t('intro.needs')}</h3>
          <p>{t('intro.needsText')}</p>
          <code>millwright cloud add-site --url … --name …</code>
        </div>
      </div>
    </section>
  )
}
