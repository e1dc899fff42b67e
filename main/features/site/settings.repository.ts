import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import type { Calendar, Network } from '#contract/api/site.ts'
import type { HttpLimits } from '#contract/model/http-limits.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** Everything the site remembers of itself, by key. */
export interface Settings {
  site: { name: string; setUpAt: number }
  network: Network
  calendar: Calendar
  httpLimits: HttpLimits
  mqttListeners: MqttListeners
}

export async function readSetting<Key extends keyof Settings>(
  db: SiteDb | SiteTrx,
  key: Key,
): Promise<Settings[Key] | null> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  return row ? (JSON.parse(row.value) as Settings[Key]) : null
}

export function writeSetting<Key extends keyof Settings>(trx: SiteTrx, key: Key, value: Settings[Key]) {
  const json = JSON.stringify(value)
  return trx
    .insertInto('settings')
    .values({ key, value: json })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: json }))
    .execute()
}
