import { buffer } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'
import * as z from 'zod'
import type { RestClient } from '#client/rest-client.ts'
import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { freeCodes, localMac, placeOf } from '#simulator/fleet-plan.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { jobEnd } from '#simulator/job-end.ts'
import { given } from '../arguments.ts'
import { type FleetWish, takenCodes } from './provision-fleet.ts'

const ConfigSchema = z.object({
  gateway: z.object({ id: z.string(), code: z.string() }),
  mqtt: z.object({
    hosts: z.array(z.string()).min(1),
    port: z.number().int(),
    clientId: z.string(),
    topics: z.object({ telemetry: z.string() }),
  }),
})

/** What an import took, in ms. */
export interface ImportTimes {
  imported: number
  fetched: number
}

/** Gateways from a CSV that is made up here: imported as one job, their keys fetched in one ZIP, as a person would. */
export async function importFleet(
  client: RestClient,
  { count, prefix, tenant, signal }: Omit<FleetWish, 'kept'>,
): Promise<{ fleet: GatewayCredentials[]; times: ImportTimes }> {
  const codes = freeCodes(prefix, count, await takenCodes(client, { prefix, tenant }))
  const lines = codes.map((code, index) => `${localMac()},${code},${placeOf(index).name}`)
  const csv = Buffer.from(['mac_address,code,name', ...lines, ''].join('\r\n'))
  const startedAt = performance.now()
  const source = await upload(client, csv)
  const { id: jobId } = await client.gateways.importStart({ source, ...given({ tenant }) })
  await jobEnd(client, jobId, signal)
  const imported = performance.now() - startedAt
  const zip = await client.gateways.importCredentials({ jobId })
  const fleet = await unpack(Buffer.from(await zip.arrayBuffer()))
  await client.gateways.importReceived({ jobId })
  const times = { imported, fetched: performance.now() - startedAt - imported }
  return { fleet: fleet.toSorted((a, b) => (a.code < b.code ? -1 : 1)), times }
}

async function upload(client: RestClient, bytes: Buffer): Promise<string> {
  let uploadId: string | undefined
  let offset = 0
  do {
    const data = bytes.subarray(offset, offset + UPLOAD_PART).toString('base64')
    const part = { name: 'simulated.csv', offset, data, ...given({ uploadId }) }
    const answer = await client.telemetryFiles.upload(part)
    uploadId = answer.uploadId
    offset = answer.bytes
  } while (offset < bytes.length)
  return uploadId
}

async function unpack(zip: Buffer): Promise<GatewayCredentials[]> {
  const fleet: GatewayCredentials[] = []
  for (const [name, bytes] of await filesOf(zip)) {
    if (name.endsWith('_certs.zip')) fleet.push(toCredentials(await filesOf(bytes)))
  }
  return fleet
}

async function filesOf(zip: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const archive = await fromBufferPromise(zip)
  for await (const entry of archive.eachEntry())
    files.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)))
  return files
}

function toCredentials(files: ReadonlyMap<string, Buffer>): GatewayCredentials {
  const text = (name: string): string => files.get(name)?.toString() ?? ''
  const { gateway, mqtt } = ConfigSchema.parse(JSON.parse(text('config.json')))
  return {
    gatewayId: gateway.id,
    code: gateway.code,
    clientId: mqtt.clientId,
    host: mqtt.hosts[0] ?? '',
    port: mqtt.port,
    telemetryTopic: mqtt.topics.telemetry,
    certificate: text('client.crt'),
    privateKey: text('client.key'),
    ca: text('ca.crt'),
  }
}
