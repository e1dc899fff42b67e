import { ActionIcon, Menu } from '@mantine/core'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Group } from '#contract/api/groups.ts'
import { withBelow } from '#renderer/api/use-groups.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import type { GroupAction } from './group-dialogs.tsx'
import css from './tenants.module.css'

interface GroupTreeProps {
  /** Each followed by those below it. */
  groups: readonly Group[]
  mayWrite: boolean
  /** Whether the person's rights go to the top: without that, groups at their top stay where they are. */
  mayTop: boolean
  onAction(action: GroupAction, group: Group): void
}

/** Arrow keys move and fold, Enter renames, Delete deletes. */
export function GroupTree(props: GroupTreeProps) {
  const { t } = useTranslation('tenants')
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState<string | null>(null)
  const tree = useRef<HTMLUListElement>(null)
  const hidden = new Set(
    [...folded].flatMap((id) => [...withBelow(props.groups, id)].filter((below) => below !== id)),
  )
  const shown = props.groups.filter(({ id }) => !hidden.has(id))
  const current = shown.find(({ id }) => id === active) ?? shown[0]
  const fold = (id: string, on: boolean) =>
    setFolded((before) => {
      const next = new Set(before)
      if (on) next.add(id)
      else next.delete(id)
      return next
    })
  const go = (group: Group | undefined) => {
    if (group === undefined) return
    setActive(group.id)
    tree.current?.querySelector<HTMLElement>(`[data-id="${group.id}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // A menu of a row has keys of its own.
    if (current === undefined || !(event.target as HTMLElement).matches('[role="treeitem"]')) return
    const at = shown.indexOf(current)
    const isParent = props.groups.some(({ parentId }) => parentId === current.id)
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(shown[at + 1]),
      ArrowUp: () => go(shown[at - 1]),
      Home: () => go(shown[0]),
      End: () => go(shown.at(-1)),
      ArrowRight: () => (folded.has(current.id) ? fold(current.id, false) : isParent && go(shown[at + 1])),
      ArrowLeft: () =>
        isParent && !folded.has(current.id)
          ? fold(current.id, true)
          : go(shown.find(({ id }) => id === current.parentId)),
      ...(props.mayWrite && {
        Enter: () => props.onAction('rename', current),
        ...(canMove(current, props) && { Delete: () => props.onAction('remove', current) }),
      }),
    }
    const act = keys[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  return (
    <ul ref={tree} role="tree" aria-label={t('groups.title')} onKeyDown={onKeyDown}>
      {shown.map((group) => (
        <Item
          key={group.id}
          group={group}
          props={props}
          isParent={props.groups.some(({ parentId }) => parentId === group.id)}
          isFolded={folded.has(group.id)}
          isCurrent={group.id === current?.id}
          onFocus={() => setActive(group.id)}
          onFold={(on) => fold(group.id, on)}
        />
      ))}
    </ul>
  )
}

/** What stands at the top of what somebody may see is placed by those who see more. */
function canMove(group: Group, { mayTop }: GroupTreeProps): boolean {
  return mayTop || group.parentId !== null
}

function Item(of: {
  group: Group
  props: GroupTreeProps
  isParent: boolean
  isFolded: boolean
  isCurrent: boolean
  onFocus(): void
  onFold(on: boolean): void
}) {
  const { t } = useTranslation('tenants')
  const { group, props, isParent, isFolded } = of
  const level = levelOf(group, props.groups)
  const [nameId, countId] = [`group-${group.id}`, `group-count-${group.id}`]
  return (
    <li
      role="treeitem"
      aria-level={level}
      aria-expanded={isParent ? !isFolded : undefined}
      aria-selected={of.isCurrent}
      aria-labelledby={`${nameId} ${countId}`}
      tabIndex={of.isCurrent ? 0 : -1}
      data-id={group.id}
      className={css.item}
      style={{ paddingLeft: 12 + (level - 1) * 20 }}
      onFocus={of.onFocus}
    >
      {/* The pointer's short cut; the arrow keys fold as well. */}
      <span className={css.fold} onClick={() => of.onFold(!isFolded)} aria-hidden="true">
        {isParent && <Icon name={isFolded ? 'chevron-right' : 'chevron-down'} />}
      </span>
      <span id={nameId} className={`${css.itemName} ellipsis`} title={group.name}>
        {group.name}
      </span>{' '}
      <span
        id={countId}
        className={`${css.itemCount} small`}
        title={t('groups.countHint', { count: group.gateways.own })}
      >
        {t('groups.count', { count: group.gateways.all })}
      </span>
      {props.mayWrite && <ItemMenu group={group} props={props} isCurrent={of.isCurrent} />}
    </li>
  )
}

function ItemMenu(of: { group: Group; props: GroupTreeProps; isCurrent: boolean }) {
  const { group, props } = of
  const { t } = useTranslation('tenants')
  const item = (action: GroupAction) => (
    <Menu.Item onClick={() => props.onAction(action, group)}>{t(`groups.menu.${action}`)}</Menu.Item>
  )
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          tabIndex={of.isCurrent ? 0 : -1}
          aria-label={t('groups.menu.label', { name: group.name })}
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {item('add')}
        {item('rename')}
        {canMove(group, props) && item('move')}
        {canMove(group, props) && item('remove')}
      </Menu.Dropdown>
    </Menu>
  )
}

function levelOf(group: Group, groups: readonly Group[]): number {
  const above = groups.find(({ id }) => id === group.parentId)
  return above === undefined ? 1 : 1 + levelOf(above, groups)
}
