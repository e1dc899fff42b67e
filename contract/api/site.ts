import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { CloudStateSchema } from '../model/cloud.ts'
import { HttpLimitsSchema } from '../model/http-limits.ts'
import { IdSchema } from '../model/ids.ts'
import { DiskHorizonSchema } from '../model/retention.ts'
import { MqttListenersSchema } from './mqtt-clients.ts'

const PortSchema = z.number().int().min(0).max(65_535)

export const NetworkSchema = z.object({
  addresses: z.array(z.string()).min(1).max(16),
  names: z.array(z.string()).max(16),
  ports: z.object({ http: PortSchema, https: PortSchema, deviceHttps: PortSchema, mqtts: PortSchema }),
})
export type Network = z.infer<typeof NetworkSchema>

/** `06:00` */
const TimeOfDaySchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'write a time of day as 06:00')

/** How the plant counts its days: spans of reports follow it. */
export const CalendarSchema = z.object({
  /** IANA name, such as `Europe/Berlin`. */
  timeZone: z.string().min(1).max(64),
  /** Rising, in the time zone; none: the plant has no shifts, and a shift is a day. */
  shiftStarts: z.array(TimeOfDaySchema).max(12),
  weekStart: z.enum(['monday', 'saturday', 'sunday']),
})
export type Calendar = z.infer<typeof CalendarSchema>

export const SiteInfoSchema = z.object({
  name: z.string(),
  version: z.string(),
  startedAt: z.date(),
  dataDir: z.string(),
  demo: z.boolean(),
  /** As it listens now. */
  network: NetworkSchema,
  /** As saved for the next start, where it differs. */
  networkNext: NetworkSchema.nullable(),
  /** Ports of the MQTT listeners that a person turns on, as they listen now; null: off. */
  mqttListeners: MqttListenersSchema,
  tenants: z.array(z.object({ id: IdSchema, slug: z.string(), name: z.string() })),
})
export type SiteInfo = z.infer<typeof SiteInfoSchema>

/** The status bar, about once a second; times in ms. */
export const PulseSchema = z.object({
  now: z.number(),
  gateways: z.number().int(),
  online: z.number().int(),
  readingsPerSecond: z.number(),
  readingsTotal: z.number().int(),
  dropped: z.number().int(),
  /** `stalled`: the store cannot write; readings are refused, not lost. */
  store: z.enum(['running', 'stalled']),
  /** Told to those who see the whole site. */
  storeCause: z.string().nullable(),
  storeBytes: z.number(),
  diskFreeBytes: z.number(),
  diskTotalBytes: z.number(),
  diskHorizon: DiskHorizonSchema,
  /** The link to the cloud, told to those who see the whole site; null: it has not joined one. */
  cloud: z
    .object({
      state: CloudStateSchema,
      /** Readings that wait; null: not counted yet. */
      backlogReadings: z.number().nullable(),
      backlogSeconds: z.number(),
    })
    .nullable(),
})
export type Pulse = z.infer<typeof PulseSchema>

export const site = {
  info: base
    .meta({ access: 'signed_in' })
    .route({ method: 'GET', path: '/site', tags: ['Site'], summary: 'The site, its network and its tenants' })
    .output(SiteInfoSchema),
  status: base
    .meta({ access: 'signed_in' })
    .route({ method: 'GET', path: '/status', tags: ['Site'], summary: 'Health at a glance' })
    .output(PulseSchema),
  watchPulse: base.meta({ access: 'signed_in' }).output(eventIterator(PulseSchema)),
  updateNetwork: base
    .meta({ access: 'site:write', audit: 'site.network' })
    .route({
      method: 'PUT',
      path: '/site/network',
      tags: ['Site'],
      summary:
        'Addresses, names and ports; names enter the certificates at once, addresses and ports count from the next start',
    })
    .errors(errors('address_invalid'))
    .input(NetworkSchema)
    .output(SiteInfoSchema),
  calendar: base
    .meta({ access: 'signed_in' })
    .route({
      method: 'GET',
      path: '/site/calendar',
      tags: ['Site'],
      summary: 'Time zone, shifts, start of the week',
    })
    .output(CalendarSchema),
  updateCalendar: base
    .meta({ access: 'site:write', audit: 'site.calendar' })
    .route({
      method: 'PUT',
      path: '/site/calendar',
      tags: ['Site'],
      summary: 'Time zone, shifts, start of the week; counts for what is asked from now on',
    })
    .errors(errors('calendar_invalid'))
    .input(CalendarSchema)
    .output(CalendarSchema),
  httpLimits: base
    .meta({ access: 'site:write' })
    .route({
      method: 'GET',
      path: '/site/http-limits',
      tags: ['Site'],
      summary: 'How often an address, a person and an API key may call',
    })
    .output(HttpLimitsSchema),
  updateHttpLimits: base
    .meta({ access: 'site:write', audit: 'site.http_limits' })
    .route({
      method: 'PUT',
      path: '/site/http-limits',
      tags: ['Site'],
      summary: 'How often an address, a person and an API key may call; counts at once',
    })
    .input(HttpLimitsSchema)
    .output(HttpLimitsSchema),
}
