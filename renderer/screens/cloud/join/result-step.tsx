import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { StateBanner } from '../overview/state-banner.tsx'
import { SweepList } from '../overview/sweeps-card.tsx'
import { useCloud } from '../use-cloud.ts'
import own from './join.module.css'

/** Joined: how far it is, and that it goes on by itself. */
export function ResultStep() {
  const { t } = useTranslation('cloud')
  const { value } = useCloud()
  return (
    <div className={own.step}>
      <h2>{t('join.result.title')}</h2>
      <p className="sec">{t('join.result.text')}</p>
      {value?.joined === true && (
        <>
          <StateBanner status={value.status} />
          <SweepList status={value.status} />
        </>
      )}
      <div className={own.foot}>
        <span className="push" />
        <Button component={Link} to="/cloud" variant="filled">
          {t('join.result.next')}
        </Button>
      </div>
    </div>
  )
}
