import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import { BenchRunSchema, BenchSetupSchema, FlashJobSchema, FlashLogLineSchema } from '../model/flash.ts'
import { IdSchema } from '../model/ids.ts'
import { SerialPortSchema } from '../model/serial-port.ts'
import { benchRuns, PortRefSchema, RunRefSchema } from './bench-runs.ts'

const JobRefSchema = z.object({ jobId: IdSchema })
const SpeedSchema = BenchSetupSchema.shape.speed

/** A port, and what runs on it. */
export const BenchPortSchema = SerialPortSchema.extend({
  /** The newest job of the board that is plugged in there, where the caller may see it. */
  jobId: IdSchema.nullable(),
  /** Somebody's work is on it: a job or a monitor, of a tenant that the caller does not see too. */
  isTaken: z.boolean(),
  /** A person passed it over in the run that is open. */
  isSkipped: z.boolean(),
  /** The run that is open begins with it as soon as there is room: it was plugged in since, and did not fail too often. */
  beginsByItself: z.boolean(),
})
export type BenchPort = z.infer<typeof BenchPortSchema>

export const WifiNetworkSchema = z.object({
  id: IdSchema,
  tenantId: IdSchema,
  ssid: z.string(),
  /** False: an open network. */
  hasPassword: z.boolean(),
  createdAt: z.date(),
  createdBy: z.string(),
})
export type WifiNetwork = z.infer<typeof WifiNetworkSchema>

const BirthRecordSchema = z.object({
  /** The exact text that is signed: canonical JSON. */
  record: z.string(),
  /** Ed25519, base64. */
  signature: z.string(),
  /** SHA-256 of the public key, lower-case hex. */
  keyId: z.string(),
  /** PEM; the same for all birth records of the site. */
  publicKey: z.string(),
})

/** USB ports of the machine that the engine runs on, boards on them, and what they become. */
export const bench = {
  ports: base
    .meta({ access: 'gateways:flash' })
    .route({ method: 'GET', path: '/bench/ports', tags: ['Bench'], summary: 'Serial ports' })
    .output(
      z.object({
        ports: z.array(BenchPortSchema),
        /** Linux: what keeps ports from being listed or opened, and the command that helps; null where nothing does. */
        help: z
          .object({
            problem: z.enum(['no_udevadm', 'not_in_group', 'no_rule', 'no_driver']),
            group: z.string().nullable(),
            command: z.string().nullable(),
          })
          .nullable(),
      }),
    ),
  /** All there is at once, then each change. */
  watch: base
    .meta({ access: 'gateways:flash' })
    .route({
      method: 'GET',
      path: '/bench/watch',
      tags: ['Bench'],
      summary: 'Ports, runs and jobs as they change (server-sent events)',
    })
    .output(
      eventIterator(
        z.discriminatedUnion('event', [
          z.object({
            event: z.literal('snapshot'),
            ports: z.array(BenchPortSchema),
            runs: z.array(BenchRunSchema),
            jobs: z.array(FlashJobSchema),
          }),
          z.object({ event: z.literal('ports'), ports: z.array(BenchPortSchema) }),
          z.object({ event: z.literal('run'), run: BenchRunSchema }),
          z.object({ event: z.literal('job'), job: FlashJobSchema }),
        ]),
      ),
    ),
  installUdevRule: base
    .meta({ access: 'gateways:flash', reach: 'site', audit: 'bench.udev_rule' })
    .route({
      method: 'POST',
      path: '/bench/udev-rule',
      tags: ['Bench'],
      summary: 'Let everyone who sits at this machine open USB serial ports (Linux)',
    })
    .output(
      z.object({
        installed: z.boolean(),
        /** What an administrator of the machine runs instead, where the site may not. */
        command: z.string().nullable(),
      }),
    ),

  wifi: base
    .meta({ access: 'gateways:flash' })
    .route({
      method: 'GET',
      path: '/bench/wifi-networks',
      tags: ['Bench'],
      summary: 'Wi-Fi networks for boards',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }))
    .output(z.object({ networks: z.array(WifiNetworkSchema) })),
  addWifi: base
    .meta({ access: 'gateways:flash', audit: 'wifi_network.add' })
    .route({
      method: 'POST',
      path: '/bench/wifi-networks',
      tags: ['Bench'],
      summary: 'Keep a Wi-Fi network; its password is sealed and never shown again',
      successStatus: 201,
    })
    .errors(errors('tenant_unknown', 'wifi_invalid'))
    .input(
      z.object({
        tenant: z.string().max(64).optional(),
        ssid: z.string().min(1).max(32),
        /** WPA: 8 to 63 characters, or 64 hex digits; empty: an open network. */
        password: z.string().max(64),
      }),
    )
    .output(WifiNetworkSchema),
  removeWifi: base
    .meta({ access: 'gateways:flash', audit: 'wifi_network.remove' })
    .route({
      method: 'DELETE',
      path: '/bench/wifi-networks/{wifiId}',
      tags: ['Bench'],
      summary: 'Forget a Wi-Fi network',
    })
    .errors(errors('not_found'))
    .input(z.object({ wifiId: IdSchema }))
    .output(z.object({ removed: z.literal(true) })),

  ...benchRuns,

  act: base
    .meta({ access: 'gateways:flash', audit: 'flash_job.act' })
    .route({
      method: 'POST',
      path: '/bench/jobs',
      tags: ['Bench'],
      summary: 'One thing with one board: identify, erase, back up, restore, write, settings, firmware',
      successStatus: 201,
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'forbidden_reach',
        'port_unknown',
        'port_busy',
        'port_denied',
        'bundle_unsigned',
        'bundle_publisher_untrusted',
        'file_missing',
      ),
    )
    .input(
      PortRefSchema.extend({
        tenant: z.string().max(64).optional(),
        speed: SpeedSchema,
        action: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('identify') }),
          z.object({ kind: z.literal('erase') }),
          z.object({ kind: z.literal('backup') }),
          /** `uploadId` from `POST /api/v1/bench/files`. */
          z.object({ kind: z.literal('restore'), uploadId: IdSchema }),
          z.object({
            kind: z.literal('write'),
            uploadId: IdSchema,
            offset: z.number().int().min(0).max(0x7fff_ffff).multipleOf(4096),
          }),
          /** The board's own gateway; its credential is made anew, Wi-Fi calibration stays. */
          z.object({ kind: z.literal('settings'), wifiId: IdSchema.nullable() }),
          z.object({ kind: z.literal('firmware'), bundleId: IdSchema }),
        ]),
      }),
    )
    .output(FlashJobSchema),
  jobs: base
    .meta({ access: 'gateways:flash' })
    .route({ method: 'GET', path: '/bench/jobs', tags: ['Bench'], summary: 'Flash jobs, newest first' })
    .errors(errors('tenant_unknown'))
    .input(
      z.object({
        tenant: z.string().max(64).optional(),
        gateway: z.string().max(64).optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
        before: IdSchema.optional().describe('`next` of the page before'),
      }),
    )
    .output(z.object({ jobs: z.array(FlashJobSchema), next: IdSchema.nullable() })),
  job: base
    .meta({ access: 'gateways:flash' })
    .route({
      method: 'GET',
      path: '/bench/jobs/{jobId}',
      tags: ['Bench'],
      summary: 'One flash job and its log',
    })
    .errors(errors('not_found'))
    .input(JobRefSchema)
    .output(z.object({ job: FlashJobSchema, log: z.array(FlashLogLineSchema) })),
  retry: base
    .meta({ access: 'gateways:flash', audit: 'flash_job.retry' })
    .route({
      method: 'POST',
      path: '/bench/jobs/{jobId}/retry',
      tags: ['Bench'],
      summary: 'Retry a job that failed, was cancelled or interrupted',
    })
    .errors(errors('not_found', 'flash_job_conflict', 'port_unknown', 'port_busy', 'port_denied'))
    .input(JobRefSchema)
    .output(FlashJobSchema),
  cancel: base
    .meta({ access: 'gateways:flash', audit: 'flash_job.cancel' })
    .route({ method: 'POST', path: '/bench/jobs/{jobId}/cancel', tags: ['Bench'], summary: 'Cancel a job' })
    .errors(errors('not_found', 'flash_job_conflict'))
    .input(JobRefSchema)
    .output(FlashJobSchema),
  birthRecord: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/gateways/{gateway}/birth-record',
      tags: ['Bench'],
      summary: 'How a gateway came to be: signed',
    })
    .errors(errors('not_found'))
    .input(z.object({ gateway: z.string().min(1).max(64), tenant: z.string().max(64).optional() }))
    .output(BirthRecordSchema),

  /** What a board says, line by line, until the caller leaves. Takes the port. */
  monitor: base
    .meta({ access: 'gateways:flash', audit: 'bench.monitor' })
    .route({
      method: 'POST',
      path: '/bench/monitor',
      tags: ['Bench'],
      summary: 'What a board says, until the caller leaves (server-sent events)',
    })
    .errors(errors('port_unknown', 'port_busy', 'port_denied', 'mac_taken'))
    .input(
      PortRefSchema.extend({
        baud: z.number().int().min(300).max(3_000_000).default(115_200),
        /** Reset the board at the start, to see it boot. */
        reset: z.boolean().default(false),
      }),
    )
    .output(
      eventIterator(
        z.discriminatedUnion('event', [
          z.object({ event: z.literal('open'), monitorId: IdSchema }),
          z.object({
            event: z.literal('lines'),
            lines: z.array(
              z.object({
                at: z.date(),
                text: z.string(),
                /** What it means, where it is known: `brownout`, `reset`, `panic`, `no_app` …; the UI words it. */
                meaning: z.string().nullable(),
                data: z.record(z.string(), z.union([z.string(), z.number()])),
              }),
            ),
            /** Lines that were left out because they came too fast. */
            dropped: z.number().int(),
          }),
          z.object({ event: z.literal('closed'), code: z.string(), message: z.string() }),
        ]),
      ),
    ),
  sendToBoard: base
    .meta({ access: 'gateways:flash', audit: 'bench.send' })
    .route({
      method: 'POST',
      path: '/bench/monitors/{monitorId}/send',
      tags: ['Bench'],
      summary: 'Send text to the board that one listens to',
    })
    .errors(errors('not_found', 'port_lost'))
    .input(
      z.object({
        monitorId: IdSchema,
        text: z.string().max(4_096),
        end: z.enum(['', '\n', '\r\n', '\r']).default('\n'),
      }),
    )
    .output(z.object({ sent: z.literal(true) })),
  resetBoard: base
    .meta({ access: 'gateways:flash', audit: 'bench.reset' })
    .route({
      method: 'POST',
      path: '/bench/monitors/{monitorId}/reset',
      tags: ['Bench'],
      summary: 'Restart the board that one listens to',
    })
    .errors(errors('not_found', 'port_lost'))
    .input(z.object({ monitorId: IdSchema }))
    .output(z.object({ reset: z.literal(true) })),
  /** Wi-Fi and, for our firmware, settings over the serial line, without flashing. */
  setUpOverSerial: base
    .meta({ access: 'gateways:flash', audit: 'bench.serial_setup' })
    .route({
      method: 'POST',
      path: '/bench/serial-setup',
      tags: ['Bench'],
      summary: 'Give a running board its Wi-Fi over the serial line (Improv, or the gateway firmware)',
    })
    .errors(
      errors(
        'tenant_unknown',
        'not_found',
        'port_unknown',
        'port_busy',
        'port_denied',
        'port_lost',
        'setup_silent',
        'setup_failed',
        'mac_taken',
      ),
    )
    .input(PortRefSchema.extend({ tenant: z.string().max(64).optional(), wifiId: IdSchema }))
    .output(
      z.object({
        way: z.enum(['improv', 'gateway']),
        firmware: z.string(),
        version: z.string(),
        chip: z.string(),
        /** Where the board can be opened in a browser, if it says. */
        url: z.string().nullable(),
      }),
    ),

  /** Files of the bench for a window that has no HTTP: the desktop's. Others take `/api/v1/bench/…`. */
  putFile: base
    .meta({ access: 'gateways:flash', audit: 'bench.upload' })
    .errors(errors('import_too_large', 'job_disk_full'))
    .input(
      z.object({
        name: z.string().max(200).default(''),
        /** Base64 of 32 MiB at most. */
        data: z.string().max(45_000_000),
      }),
    )
    .output(z.object({ uploadId: IdSchema, bytes: z.number() })),
  /** What a backup read. */
  takeFile: base
    .meta({ access: 'gateways:flash', audit: 'flash_job.download' })
    .errors(errors('not_found', 'file_missing'))
    .input(JobRefSchema)
    .output(z.file()),
  /** How each board of a run ended. */
  results: base
    .meta({ access: 'gateways:flash' })
    .errors(errors('not_found'))
    .input(RunRefSchema.extend({ as: z.enum(['csv', 'pdf']) }))
    .output(z.file()),
}
