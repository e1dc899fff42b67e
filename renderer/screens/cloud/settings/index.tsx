import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card, KeyValues } from '#renderer/ui/layout.tsx'
import css from '../cloud.module.css'
import { LeaveDialog } from './leave-dialog.tsx'
import { LimitsCard } from './limits-card.tsx'
import { ResyncDialog } from './resync-dialog.tsx'
import { TenantChoicesCard } from './tenant-choices-card.tsx'

/** Where it goes, what, how fast; and the ways to mend and to leave. */
export function SettingsTab({ status, onLogin }: { status: CloudStatus; onLogin(): void }) {
  const { t } = useTranslation('cloud')
  const [open, setOpen] = useState<'resync' | 'leave' | null>(null)
  const close = () => setOpen(null)
  return (
    <div className={css.stack}>
      <div className={css.columns}>
        <div className={css.column}>
          <LoginCard status={status} onLogin={onLogin} />
          <LimitsCard key={JSON.stringify(status.limits)} limits={status.limits} />
        </div>
        <div className={css.column}>
          <TenantChoicesCard status={status} />
          <Card title={t('resync.title')}>
            <div className={css.setting}>
              <p className="sec">{t('resync.text')}</p>
              <Button onClick={() => setOpen('resync')}>{t('resync.open')}</Button>
            </div>
          </Card>
          <Card title={t('leave.title')}>
            <div className={css.setting}>
              <p className="sec">{t('leave.text')}</p>
              <Button color="red" onClick={() => setOpen('leave')}>
                {t('leave.open')}
              </Button>
            </div>
          </Card>
        </div>
      </div>
      {open === 'resync' && <ResyncDialog status={status} onClose={close} />}
      {open === 'leave' && <LeaveDialog status={status} onClose={close} />}
    </div>
  )
}

function LoginCard({ status, onLogin }: { status: CloudStatus; onLogin(): void }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { address, server } = status
  return (
    <Card
      title={t('login.title')}
      end={
        <Button size="xs" onClick={onLogin}>
          {t('login.change')}
        </Button>
      }
    >
      <KeyValues
        pairs={[
          [
            t('server.host'),
            <code
              key="host"
              className={css.wrap}
            >{`${address.host}:${address.port}/${address.database}`}</code>,
          ],
          [
            t('server.role'),
            <code key="role" className={css.wrap}>
              {address.username}
            </code>,
          ],
          [
            t('certificate.trust'),
            t(address.caCertificate === null ? 'certificate.publicCa' : 'certificate.ownCa'),
          ],
          address.insideNetwork ? [t('login.place'), t('login.isInside')] : null,
          [t('server.siteName'), status.siteName],
          server === null
            ? null
            : [t('server.version'), t(`server.storage.${server.storage}`, { version: server.version })],
          [
            t('login.joined'),
            t('login.joinedBy', { name: status.joinedByName, at: format.dateTime(status.joinedAt) }),
          ],
        ]}
      />
    </Card>
  )
}
