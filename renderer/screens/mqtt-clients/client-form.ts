import type { Me } from '#contract/api/auth.ts'
import type { MqttClient, MqttRights } from '#contract/api/mqtt-clients.ts'
import type { Permission } from '#contract/model/permission.ts'

export type CredentialsKind = 'password' | 'certificate' | 'both'

/** What a person fills in of an MQTT client. */
export interface ClientForm {
  name: string
  username: string
  tenantId: string | null
  /** Null: the whole tenant. */
  groupId: string | null
  rights: MqttRights
  /** One filter a line. */
  topics: string
  credentials: CredentialsKind
  /** Null: it does not end. */
  days: number | null
}

export const DEFAULT_PASSWORD_PORT = 8884
export const DEFAULT_WEBSOCKET_PORT = 8084

export function newForm(me: Me, tenantId: string | null): ClientForm {
  const [rights = 'read'] = rightsFor(me)
  return {
    name: '',
    username: '',
    tenantId,
    groupId: null,
    rights,
    topics: '',
    credentials: 'password',
    days: null,
  }
}

const needs: Record<MqttRights, readonly Permission[]> = {
  read: ['telemetry:read'],
  write: ['gateways:command'],
  both: ['telemetry:read', 'gateways:command'],
}

/** What the person may let a client do: nothing that they may not do themself. */
export function rightsFor(me: Me): MqttRights[] {
  return (['read', 'write', 'both'] as const).filter((rights) =>
    needs[rights].every((permission) => me.permissions.includes(permission)),
  )
}

/** Whether a client may reach a whole tenant: the person does. */
export function reachesWhole(me: Me): boolean {
  return me.reach === 'site' || me.reach === 'tenant'
}

/** Lines of filters; none: everything in reach. */
export function filtersOf(text: string): string[] {
  const filters = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  return filters.length === 0 ? ['#'] : [...new Set(filters)]
}

/** MQTT 3.1.1 4.7: `+` is a level of its own, `#` the last one. Topics of the broker itself are for nobody. */
export function isFilter(filter: string): boolean {
  if (filter.length > 512 || filter.startsWith('$')) return false
  const levels = filter.split('/')
  return levels.every(
    (level, index) =>
      level === '+' || (level === '#' && index === levels.length - 1) || !/[+#\p{Cc}]/u.test(level),
  )
}

export type Problem = 'name' | 'username' | 'tenant' | 'group' | 'topics'

/** What is missing or wrong. */
export function problemsOf(form: ClientForm, { whole }: { whole: boolean }): Problem[] {
  const filters = filtersOf(form.topics)
  return [
    ...(form.name.trim() === '' ? ['name' as const] : []),
    ...(form.username === '' || /^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$/.test(form.username)
      ? []
      : ['username' as const]),
    ...(form.groupId === null && form.tenantId === null && whole ? ['tenant' as const] : []),
    ...(form.groupId === null && !whole ? ['group' as const] : []),
    ...(filters.length > 50 || !filters.every(isFilter) ? ['topics' as const] : []),
  ]
}

/** The form as the site takes it. */
export function askedOf({
  name,
  username,
  tenantId,
  groupId,
  rights,
  topics,
  credentials,
  days,
}: ClientForm) {
  return {
    name: name.trim(),
    rights,
    topics: filtersOf(topics),
    credentials,
    expiresInDays: days,
    ...(username !== '' && { username }),
    ...(groupId === null ? tenantId !== null && { tenant: tenantId } : { group: groupId }),
  }
}

/** What a form is filled with to change a client. */
export function formOf(client: MqttClient): ClientForm {
  const { name, username, tenant, group, rights, topics } = client
  return {
    name,
    username,
    tenantId: tenant.id,
    groupId: group?.id ?? null,
    rights,
    topics: topics.length === 1 && topics[0] === '#' ? '' : topics.join('\n'),
    credentials: 'password',
    days: null,
  }
}

/** What differs, as the site takes it; of personal ones only what is not of the person. */
export function changesOf(client: MqttClient, form: ClientForm) {
  const topics = filtersOf(form.topics)
  const isOwned = client.owner !== null
  return {
    ...(form.name.trim() !== client.name && { name: form.name.trim() }),
    ...(topics.join('\n') !== client.topics.join('\n') && { topics }),
    ...(!isOwned && form.rights !== client.rights && { rights: form.rights }),
    ...(!isOwned && form.groupId !== (client.group?.id ?? null) && { group: form.groupId }),
  }
}
