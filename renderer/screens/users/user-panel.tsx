import { ActionIcon, Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Membership, User } from '#contract/api/users.ts'
import { api } from '#renderer/api/client.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { usersChanged } from './use-users.ts'
import type { UserAction } from './user-dialogs.tsx'
import { stateMarks, useUserWords } from './user-words.ts'
import css from './users.module.css'

export interface PanelProps {
  user: User
  onClose(): void
  onAction(action: UserAction): void
  /** Null: in one more tenant. */
  onMembership(membership: Membership | null): void
  onRemoveMembership(membership: Membership): void
}

/** The chosen person beside the table: what they are where, and what can be done. */
export function UserPanel(props: PanelProps) {
  const { t } = useTranslation(['users', 'common'])
  const format = useFormat()
  const { user } = props
  return (
    <aside className={css.panel} aria-label={t('panel.label', { name: user.name })}>
      <div className={css.panelHead}>
        <div style={{ minWidth: 0 }}>
          <h2 className="ellipsis">{user.name}</h2>
          <span className={css.state}>
            <StateMark mark={stateMarks[user.state]} size={14} />
            {t(`state.${user.state}`)}
          </span>
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('common:action.close')}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </ActionIcon>
      </div>
      {user.lockedUntil !== null && <LockedNote user={user} until={user.lockedUntil} />}
      <KeyValues
        pairs={[
          [
            t('column.email'),
            <span key="email" className={css.state}>
              <span className="ellipsis">{user.email}</span>
              <CopyIconButton value={user.email} label={t('panel.copyEmail')} />
            </span>,
          ],
          user.username === null ? null : [t('panel.username'), user.username],
          [t('column.secondFactor'), user.secondFactor ? t('yes') : t('no')],
          [t('panel.sessions'), format.integer(user.sessions)],
          [t('column.lastLogin'), user.lastLoginAt === null ? NOTHING : format.dateTime(user.lastLoginAt)],
          user.linkExpiresAt === null ? null : [t('panel.link'), format.dateTime(user.linkExpiresAt)],
          [t('panel.since'), format.date(user.createdAt)],
        ]}
      />
      <Memberships {...props} />
      <PanelActions {...props} />
    </aside>
  )
}

function LockedNote({ user, until }: { user: User; until: Date }) {
  const { t } = useTranslation('users')
  const format = useFormat()
  const mayWrite = useMay('users:write')
  const unlock = useMutation({
    mutationFn: () => api.users.unlock({ userId: user.id }),
    onSuccess: usersChanged,
  })
  return (
    <div className={css.panelNote}>
      <Note
        tone="yellow"
        title={t('locked.title', { at: format.dateTime(until) })}
        action={
          mayWrite && user.manageable ? (
            <Button size="xs" loading={unlock.isPending} onClick={() => unlock.mutate()}>
              {t('locked.unlock')}
            </Button>
          ) : undefined
        }
      >
        {t('locked.text')}
      </Note>
      {unlock.error !== null && <ErrorNote error={unlock.error} />}
    </div>
  )
}

function Memberships({ user, onMembership, onRemoveMembership }: PanelProps) {
  const { t } = useTranslation(['users', 'common'])
  const words = useUserWords()
  const me = useMe()
  const { several, tenants, acting } = useTenants()
  const mayWrite = useMay('users:write')
  const named = several && acting === null
  const mayAdd = me?.ofSite === true && named && user.memberships.length < tenants.length
  return (
    <section className={css.section} aria-label={t('panel.rights')}>
      <h3>{t('panel.rights')}</h3>
      {user.siteAdmin && (
        <div className={css.membership}>
          <div>
            <p>{t('common:role.site_admin')}</p>
            <p className="sec">{t('reach.site')}</p>
          </div>
        </div>
      )}
      {user.memberships.map((membership) => {
        const what = words.role({ id: membership.roleId, name: membership.roleName })
        const about = named ? `${membership.tenantName}: ${what}` : what
        return (
          <div key={membership.tenantId} className={css.membership}>
            <div style={{ minWidth: 0 }}>
              <p className="ellipsis">{about}</p>
              <p className="sec">
                {words.reach(membership)}
                {membership.invited && user.state !== 'invited' && ` (${t('state.invited')})`}
              </p>
            </div>
            {mayWrite && (
              <span className={css.membershipActions}>
                <ActionIcon
                  size="sm"
                  aria-label={t('membership.change', { what: about })}
                  title={t('membership.change', { what: about })}
                  onClick={() => onMembership(membership)}
                >
                  <Icon name="edit" size={14} />
                </ActionIcon>
                {me?.id !== user.id && (
                  <ActionIcon
                    size="sm"
                    aria-label={t('membership.remove', { what: about })}
                    title={t('membership.remove', { what: about })}
                    onClick={() => onRemoveMembership(membership)}
                  >
                    <Icon name="trash" size={14} />
                  </ActionIcon>
                )}
              </span>
            )}
          </div>
        )
      })}
      {!user.siteAdmin && user.memberships.length === 0 && <p className="sec">{t('reach.none')}</p>}
      {mayWrite && mayAdd && !user.siteAdmin && user.state === 'active' && (
        <button type="button" className="link-button" onClick={() => onMembership(null)}>
          {t('membership.add')}
        </button>
      )}
    </section>
  )
}

function PanelActions({ user, onAction }: PanelProps) {
  const { t } = useTranslation('users')
  const me = useMe()
  const mayWrite = useMay('users:write')
  if (!mayWrite) return null
  if (me?.id === user.id)
    return (
      <div className={css.panelActions}>
        <Button renderRoot={(root) => <Link to="/account" {...root} />}>{t('panel.account')}</Button>
      </div>
    )
  if (!user.manageable)
    return (
      <div className={css.panelNote} style={{ paddingBottom: 12 }}>
        <p className="sec">{t('panel.beyond')}</p>
      </div>
    )
  const isActive = user.state === 'active'
  return (
    <div className={css.panelActions}>
      <Button onClick={() => onAction('rename')}>{t('rename.open')}</Button>
      {user.state !== 'suspended' && (
        <Button onClick={() => onAction('reset')}>{t(isActive ? 'reset.open' : 'again.open')}</Button>
      )}
      {isActive && <Button onClick={() => onAction('suspend')}>{t('suspend.open')}</Button>}
      {user.state === 'suspended' && <Button onClick={() => onAction('resume')}>{t('resume.open')}</Button>}
      {isActive && user.secondFactor && (
        <Button onClick={() => onAction('removeSecondFactor')}>{t('removeSecondFactor.open')}</Button>
      )}
      {isActive && me?.ofSite === true && (
        <Button onClick={() => onAction('siteAdmin')}>
          {t(user.siteAdmin ? 'endSiteAdmin.open' : 'makeSiteAdmin.open')}
        </Button>
      )}
      <Button onClick={() => onAction('export')}>{t('export.open')}</Button>
      <Button color="red" onClick={() => onAction('delete')}>
        {t('delete.open')}
      </Button>
    </div>
  )
}
