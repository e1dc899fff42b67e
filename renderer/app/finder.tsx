import { Modal, useMantineColorScheme } from '@mantine/core'
import { Spotlight } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fleetStatus } from '#contract/model/gateway.ts'
import { api } from '../api/client.ts'
import { useFleet } from '../api/fleet-store.ts'
import { lockSession } from '../api/lock.ts'
import { may } from '../api/session.ts'
import { siteNow } from '../api/site-clock.ts'
import { usePulse } from '../api/use-pulse.ts'
import { useMe } from '../api/use-session.ts'
import { changeLanguage } from '../i18n/i18n.ts'
import { languageNames, languages } from '../i18n/languages.ts'
import { useDashboards } from '../screens/dashboards/use-dashboards.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { type Findable, find } from './find.ts'
import css from './finder.module.css'
import { isOpen, screens } from './rail.tsx'
import { signOut } from './sign-out.ts'
import { themes } from './user-menu.tsx'

/** Results of each kind that are shown. */
const SHOWN = 5
const ASKED_ABOUT = 3
const LIST_ID = 'finder-results'

/** Ctrl-K: any gateway, channel, screen or action. */
export function Finder() {
  const { t } = useTranslation('common')
  const [query, setQuery] = useState('')
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      // Also from within a field: nothing else uses this key.
      tagsToIgnore={[]}
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 80 }}
      shadow="none"
      centered={false}
      overlayProps={{ blur: 0, backgroundOpacity: 0.3 }}
    >
      <Modal.Title className="visually-hidden">{t('frame.find')}</Modal.Title>
      <Spotlight.Search
        placeholder={t('frame.find')}
        leftSection={<Icon name="search" />}
        aria-label={t('frame.find')}
      />
      <Results query={query} />
    </Spotlight.Root>
  )
}

interface Command extends Findable {
  icon: IconName
  run: () => void
}

function Results({ query }: { query: string }) {
  const { t } = useTranslation('common')
  const commands = useCommands()
  const gateways = useGateways(query)
  const channels = useChannels(query)
  const doctor = useDoctorRows(query)
  const dashboards = useDashboardRows(query)
  const screensFound = find(commands.screens, query, SHOWN)
  const actionsFound = find(commands.actions, query, SHOWN)
  const none =
    gateways.length +
      channels.length +
      dashboards.length +
      screensFound.length +
      actionsFound.length +
      doctor.length ===
    0
  // Drawn with each key, not later: who types and presses Enter at once means what they typed.
  useEffect(() => {
    if (query !== '') markFirst()
  }, [query])
  // The component library marks the first result as one types, before these are there: Enter would open nothing.
  useEffect(() => {
    if (query !== '' && marked().length === 0) markFirst()
  })
  return (
    <Spotlight.ActionsList id={LIST_ID}>
      {gateways.length > 0 && (
        <Spotlight.ActionsGroup label={t('finder.gateways')}>{gateways}</Spotlight.ActionsGroup>
      )}
      {channels.length > 0 && (
        <Spotlight.ActionsGroup label={t('finder.channels')}>{channels}</Spotlight.ActionsGroup>
      )}
      {dashboards.length > 0 && (
        <Spotlight.ActionsGroup label={t('finder.dashboards')}>{dashboards}</Spotlight.ActionsGroup>
      )}
      {doctor.length > 0 && (
        <Spotlight.ActionsGroup label={t('finder.doctor')}>{doctor}</Spotlight.ActionsGroup>
      )}
      {screensFound.length > 0 && (
        <Spotlight.ActionsGroup label={t('finder.screens')}>
          {screensFound.map(commandRow)}
        </Spotlight.ActionsGroup>
      )}
      {actionsFound.length > 0 && (
        <Spotlight.ActionsGroup label={t('finder.actions')}>
          {actionsFound.map(commandRow)}
        </Spotlight.ActionsGroup>
      )}
      {none && <Spotlight.Empty>{t('finder.nothing', { query: query })}</Spotlight.Empty>}
    </Spotlight.ActionsList>
  )
}

/** What Enter opens. */
function marked(): Element[] {
  return [...(document.getElementById(LIST_ID)?.querySelectorAll('[data-selected]') ?? [])]
}

function markFirst(): void {
  for (const one of marked()) one.removeAttribute('data-selected')
  document.getElementById(LIST_ID)?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
}

function commandRow(command: Command) {
  return (
    <Spotlight.Action key={command.id} className={css.row} onClick={command.run}>
      <Icon name={command.icon} />
      <span>{command.words[0]}</span>
    </Spotlight.Action>
  )
}

function useCommands(): { screens: Command[]; actions: Command[] } {
  const { t } = useTranslation('common')
  const navigate = useNavigate()
  const me = useMe()
  const pulse = usePulse()
  const { setColorScheme } = useMantineColorScheme()
  const permitted = screens.filter((entry) => isOpen(entry, me))
  const actions: Command[] = [
    ...themes.map(({ scheme, icon }) => ({
      id: `theme-${scheme}`,
      icon,
      words: [t(`finder.theme.${scheme}`)],
      run: () => setColorScheme(scheme),
    })),
    ...languages.map((language) => ({
      id: `language-${language}`,
      icon: 'language' as const,
      words: [t('finder.language', { language: languageNames[language] }), language],
      run: () => void changeLanguage(language),
    })),
    { id: 'sign-out', icon: 'sign-out', words: [t('user.signOut')], run: () => void signOut() },
  ]
  if (me?.kind === 'person') {
    actions.push(
      {
        id: 'account',
        icon: 'person',
        words: [t('user.account')],
        run: () => void navigate({ to: '/account' } as never),
      },
      { id: 'lock', icon: 'lock', words: [t('user.lock')], run: () => void lockSession() },
    )
  }
  if (may(me, 'gateways:write')) {
    const run = () => void navigate({ to: '/fleet/add' })
    actions.unshift({ id: 'add', icon: 'plus', words: [t('finder.addGateway')], run })
  }
  if (may(me, 'gateways:flash')) {
    const run = () => void navigate({ to: '/bench/runs' } as never)
    actions.push({ id: 'bench-runs', icon: 'bench', words: [t('finder.benchRuns')], run })
  }
  const cloud = (id: string, words: string, search?: { tab: string }): Command => ({
    id,
    icon: 'cloud',
    words: [words],
    run: () => void navigate({ to: search === undefined ? '/cloud/join' : '/cloud', search } as never),
  })
  if (may(me, 'cloud:write') && pulse !== undefined) {
    if (pulse.cloud === null) actions.push(cloud('cloud-join', t('finder.cloudJoin')))
    else
      actions.push(
        cloud('cloud-refused', t('finder.cloudRefused'), { tab: 'refused' }),
        cloud('cloud-conflicts', t('finder.cloudConflicts'), { tab: 'conflicts' }),
        cloud('cloud-settings', t('finder.cloudSettings'), { tab: 'settings' }),
      )
  }
  return {
    screens: permitted.map((entry) => ({
      id: entry.name,
      icon: entry.icon,
      words: [t(`screen.${entry.name}`)],
      run: () => void navigate({ to: entry.to } as never),
    })),
    actions,
  }
}

function useGateways(query: string) {
  const navigate = useNavigate()
  const { rows } = useFleet()
  const items = rows.map((row) => ({
    id: row.id,
    words: [row.code, row.name, row.label, row.mac ?? ''],
    row,
  }))
  return find(items, query, SHOWN).map(({ row }) => (
    <Spotlight.Action
      key={row.id}
      className={css.row}
      onClick={() => void navigate({ to: '/gateways/$gatewayId', params: { gatewayId: row.id } } as never)}
    >
      <StateMark mark={fleetStatus(row, siteNow())} />
      <span className="strong">{row.code}</span>
      <span className="ellipsis">{row.name}</span>
    </Spotlight.Action>
  ))
}

/** Channels are many: they are asked for when something is typed, and kept for a minute. */
function useChannels(query: string) {
  const navigate = useNavigate()
  const { data } = useQuery({
    queryKey: ['telemetry', 'channels', 'all'],
    queryFn: ({ signal }) => api.telemetry.channels({}, { signal }),
    enabled: query.trim() !== '',
    staleTime: 60_000,
  })
  if (query.trim() === '' || data === undefined) return []
  const items = data.channels.map((channel) => ({
    id: channel.id,
    words: [channel.name, channel.key, channel.gatewayCode],
    channel,
  }))
  return find(items, query, SHOWN).map(({ channel }) => (
    <Spotlight.Action
      key={channel.id}
      className={css.row}
      onClick={() =>
        void navigate({
          to: '/gateways/$gatewayId',
          params: { gatewayId: channel.gatewayId },
          search: { channel: channel.id },
        } as never)
      }
    >
      <Icon name="channel" />
      <span className="ellipsis">{channel.name}</span>
      <span className="sub">{channel.gatewayCode}</span>
    </Spotlight.Action>
  ))
}

/** Asked about: a gateway that is away; or an address or MAC that no gateway has. */
function useDoctorRows(query: string) {
  const { t } = useTranslation('common')
  const navigate = useNavigate()
  const { rows } = useFleet()
  const wanted = query.trim()
  if (wanted === '') return []
  const away = rows.filter((row) => fleetStatus(row, siteNow()) !== 'online')
  const found = find(
    away.map((row) => ({ id: row.id, words: [row.code, row.name, row.label, row.mac ?? ''], row })),
    query,
    ASKED_ABOUT,
  )
  const asked = found.map(({ row }) => ({
    subject: row.code,
    words: t('finder.whyNot', { subject: row.code }),
  }))
  if (asked.length === 0 && isAddressOrMac(wanted))
    asked.push({ subject: wanted, words: t('finder.examine', { subject: wanted }) })
  return asked.map(({ subject, words }) => (
    <Spotlight.Action
      key={subject}
      className={css.row}
      onClick={() => void navigate({ to: '/doctor', search: { subject } } as never)}
    >
      <Icon name="doctor" />
      <span className="ellipsis">{words}</span>
    </Spotlight.Action>
  ))
}

function isAddressOrMac(text: string): boolean {
  return /^(\d{1,3}\.){3}\d{1,3}$|^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}$|^([0-9a-f]{2}[:.-]?){6}$/i.test(text)
}

/** Dashboards are asked for when something is typed, as channels are. */
function useDashboardRows(query: string) {
  const navigate = useNavigate()
  const me = useMe()
  const typed = query.trim() !== ''
  const { list } = useDashboards(typed && may(me, 'telemetry:read'))
  if (!typed || list === undefined) return []
  const items = list.map(({ id, name }) => ({ id, words: [name] }))
  return find(items, query, SHOWN).map(({ id, words }) => (
    <Spotlight.Action
      key={id}
      className={css.row}
      onClick={() => void navigate({ to: '/dashboards/$dashboardId', params: { dashboardId: id } } as never)}
    >
      <Icon name="dashboards" />
      <span className="ellipsis">{words[0]}</span>
    </Spotlight.Action>
  ))
}
