import * as z from 'zod'
import { normalizeMac } from '#contract/model/ids.ts'
import type { NvsContents, NvsValue } from '#firmware/nvs/index.ts'

const NAMESPACE = 'mw'

const WifiSchema = z.array(z.object({ ssid: z.string(), psk: z.string() }))
export type Wifi = z.infer<typeof WifiSchema>[number]

/** What a gateway finds in its NVS, by the keys of namespace `mw`. */
export interface GatewaySettings {
  id: string | null
  mac: string
  label: string | null
  /** Tried in order. */
  brokers: string[]
  ca: string | null
  cert: string | null
  key: string | null
  secret: string | null
  /** Null: this board has Ethernet. */
  wifi: Wifi[] | null
  dialect: string
  tenant: string | null
}

/** @throws ZodError for a list of networks that is none */
export function settingsIn(contents: NvsContents, boardMac: string): GatewaySettings {
  const values = contents[NAMESPACE] ?? {}
  const text = (key: string): string | null => textOf(values[key])
  const wifi = text('wifi')
  return {
    id: text('id'),
    mac: normalizeMac(text('mac') ?? '') ?? boardMac,
    label: text('label'),
    brokers: (text('broker_uri') ?? '').split(',').filter((uri) => uri !== ''),
    ca: text('ca'),
    cert: text('cert'),
    key: text('key'),
    secret: text('secret'),
    wifi: wifi === null ? null : WifiSchema.parse(JSON.parse(wifi)),
    dialect: text('dialect') ?? 'canonical',
    tenant: text('tenant'),
  }
}

/** What the setup over serial may set. */
export const SetSchema = z
  .object({
    id: z.string(),
    label: z.string(),
    wifi: WifiSchema,
    broker_uri: z.array(z.string()),
    certificate: z.string(),
    ca: z.string(),
    secret: z.string(),
    dialect: z.string(),
    tenant: z.string(),
    /** ms since 1970. */
    site_time: z.number().int(),
  })
  .partial()
export type SettingsChange = z.infer<typeof SetSchema>

/** The contents with these settings; all others stay. */
export function withSettings(contents: NvsContents, change: SettingsChange): NvsContents {
  const { wifi, broker_uri: brokers, certificate, ca, site_time: time, ...texts } = change
  const set: Record<string, NvsValue> = {}
  for (const [key, value] of Object.entries(texts))
    if (value !== undefined) set[key] = { type: 'string', value }
  if (wifi !== undefined) set['wifi'] = blob(JSON.stringify(wifi))
  if (brokers !== undefined) set['broker_uri'] = { type: 'string', value: brokers.join(',') }
  if (certificate !== undefined) set['cert'] = blob(certificate)
  if (ca !== undefined) set['ca'] = blob(ca)
  if (time !== undefined) set['site_time'] = { type: 'u64', value: BigInt(time) }
  return withValues(contents, set)
}

/** The contents with a key that the chip made. */
export function withKey(contents: NvsContents, privateKey: string): NvsContents {
  return withValues(contents, { key: blob(privateKey) })
}

function withValues(contents: NvsContents, set: Record<string, NvsValue>): NvsContents {
  const version: NvsValue = { type: 'u32', value: 1 }
  return { ...contents, [NAMESPACE]: { cfg_version: version, ...contents[NAMESPACE], ...set } }
}

function blob(text: string): NvsValue {
  return { type: 'blob', value: new TextEncoder().encode(text) }
}

function textOf(value: NvsValue | undefined): string | null {
  if (value?.type === 'string') return value.value
  // PEM may come with the NUL that C wants behind it.
  if (value?.type === 'blob') return new TextDecoder().decode(value.value).replace(/\0$/, '')
  return null
}
