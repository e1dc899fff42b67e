import type { GatewayConnection } from '#contract/api/gateway-connection.ts'
import { type AliasKind, aliasKinds } from '#contract/model/gateway.ts'

export interface ConfigureForm {
  /** Id; null: none. */
  profile: string | null
  /** Null: as its profile says. */
  dialect: string | null
  /** Empty for none. */
  aliases: Record<AliasKind, string>
}

export function formOf({ profile, dialect, dialectOfProfile, aliases }: GatewayConnection): ConfigureForm {
  return {
    profile: profile?.id ?? null,
    dialect: dialectOfProfile ? null : dialect.name,
    aliases: Object.fromEntries(
      aliasKinds.map((kind) => [kind, aliases[kind] ?? '']),
    ) as ConfigureForm['aliases'],
  }
}

/** What `gateways.configure` takes: only what differs; null where nothing does. */
export function changesOf(before: ConfigureForm, after: ConfigureForm) {
  const aliases = Object.fromEntries(
    aliasKinds
      .map((kind): [AliasKind, string] => [kind, after.aliases[kind].trim()])
      .filter(([kind, name]) => name !== before.aliases[kind])
      .map(([kind, name]) => [kind, name === '' ? null : name]),
  ) as Partial<Record<AliasKind, string | null>>
  const changes = {
    ...(after.profile !== before.profile && { profile: after.profile }),
    ...(after.dialect !== before.dialect && { dialect: after.dialect }),
    ...(Object.keys(aliases).length > 0 && { aliases }),
  }
  return Object.keys(changes).length === 0 ? null : changes
}

/** A name is one level of a topic [MQTT-4.7.1-1]: what the site would refuse is said as one leaves the field. */
export function isAliasProblem(name: string): boolean {
  return name.length > 128 || /[/+#\u0000-\u001f\u007f-\u009f]/.test(name)
}
