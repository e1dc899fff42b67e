import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import type { RoleInfo } from '#contract/api/roles.ts'
import { type Permission, sitePermissions } from '#contract/model/permission.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { usePermissionWords } from '#renderer/ui/permission-words.ts'
import { useUserWords } from '../users/user-words.ts'
import { type RoleDraft, toggled } from './role-draft.ts'
import { DraftHead, RoleHead } from './role-head.tsx'
import css from './roles.module.css'

export interface MatrixProps {
  tenantId: string
  roles: readonly RoleInfo[]
  /** Those that something asks for. */
  permissions: readonly Permission[]
  mayWrite: boolean
  /** The role that is being changed or made: its column is the form. */
  draft: RoleDraft | null
  onDraft(draft: RoleDraft | null): void
  onEdit(role: RoleInfo): void
  onDelete(role: RoleInfo): void
  onSecondFactor(role: RoleInfo): void
}

/** Permissions as rows, by area; roles as columns. */
export function RoleMatrix(props: MatrixProps) {
  const { t } = useTranslation('roles')
  const { roles, draft } = props
  const words = useUserWords()
  const permissionWords = usePermissionWords()
  const me = useMe()
  const columns: (RoleInfo | null)[] = draft?.id === null ? [...roles, null] : [...roles]
  const areas = permissionWords.areasOf(props.permissions)
  return (
    // Wide tables scroll by themselves, with the keyboard too.
    <section className={css.scroll} aria-label={t('matrix')} tabIndex={0}>
      <table className={css.matrix}>
        <caption className="visually-hidden">{t('matrix')}</caption>
        <thead>
          <tr>
            <th scope="col" className={css.corner}>
              {t('permission')}
            </th>
            {columns.map((role) => (
              <th key={role?.id ?? 'new'} scope="col" data-draft={isDraft(role, draft) || undefined}>
                {draft !== null && isDraft(role, draft) ? (
                  <DraftHead {...props} draft={draft} />
                ) : (
                  role !== null && <RoleHead {...props} role={role} />
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr className={css.factor}>
            <th scope="row">{t('secondFactor.row')}</th>
            {columns.map((role) => (
              <td key={role?.id ?? 'new'} data-draft={isDraft(role, draft) || undefined}>
                {role !== null && (
                  <FactorCell
                    role={role}
                    name={words.role(role)}
                    mayChange={
                      props.mayWrite && draft === null && (role.tenantId !== null || me?.ofSite === true)
                    }
                    onChange={() => props.onSecondFactor(role)}
                  />
                )}
              </td>
            ))}
          </tr>
          {areas.map((area) => (
            <Fragment key={area.id}>
              <tr className={css.area}>
                <th scope="rowgroup" colSpan={columns.length + 1}>
                  {area.name}
                </th>
              </tr>
              {area.permissions.map((permission) => (
                <tr key={permission}>
                  <th scope="row">
                    {permissionWords.nameOf(permission)} <span className={css.code}>{permission}</span>
                  </th>
                  {columns.map((role) => (
                    <td key={role?.id ?? 'new'} data-draft={isDraft(role, draft) || undefined}>
                      {draft !== null && isDraft(role, draft) ? (
                        <DraftCell
                          draft={draft}
                          permission={permission}
                          label={permissionWords.nameOf(permission)}
                          onDraft={props.onDraft}
                        />
                      ) : (
                        <Tick on={role?.permissions.includes(permission) ?? false} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function isDraft(role: RoleInfo | null, draft: RoleDraft | null): boolean {
  return draft !== null && (role?.id ?? null) === draft.id
}

function Tick({ on }: { on: boolean }) {
  const { t } = useTranslation('roles')
  return on ? (
    <span className={css.tick}>
      <Icon name="check" />
      <span className="visually-hidden">{t('may')}</span>
    </span>
  ) : (
    <span className="visually-hidden">{t('mayNot')}</span>
  )
}

/** Only what the person has themself, and nothing over the site, can be given. */
function DraftCell(props: {
  draft: RoleDraft
  permission: Permission
  label: string
  onDraft(draft: RoleDraft): void
}) {
  const { t } = useTranslation('roles')
  const me = useMe()
  const { draft, permission } = props
  const isOfSite = sitePermissions.includes(permission)
  const mayGive = !isOfSite && (me?.permissions.includes(permission) ?? false)
  return (
    <label className={css.box} title={mayGive ? undefined : t(isOfSite ? 'ofSite' : 'notYours')}>
      <input
        type="checkbox"
        aria-label={props.label}
        checked={draft.permissions.has(permission)}
        disabled={!mayGive}
        onChange={() => props.onDraft(toggled(draft, [permission]))}
      />
    </label>
  )
}

function FactorCell(props: { role: RoleInfo; name: string; mayChange: boolean; onChange(): void }) {
  const { t } = useTranslation('roles')
  const { role } = props
  const word = t(role.secondFactor ? 'secondFactor.required' : 'secondFactor.free')
  if (!props.mayChange) return <span className={role.secondFactor ? '' : 'sub'}>{word}</span>
  return (
    <button
      type="button"
      className="link-button"
      aria-label={t('secondFactor.change', { name: props.name, word })}
      onClick={props.onChange}
    >
      {word}
    </button>
  )
}
