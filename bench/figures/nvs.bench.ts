import { randomBytes } from 'node:crypto'
import { makeKeyPair, privateKeyBytes } from '#features/pki/key-pair.ts'
import { buildNvs, type NvsContents, readNvs } from '#firmware/nvs/index.ts'
import { median, printFigure } from '../figure.ts'

const SIZE = 0x6000
const ROUNDS = 500

/** `nvs.build|read` and, encrypted, `nvs.build.xts|read.xts`: the settings of one gateway in a partition of 24 KiB. */
export async function benchNvs(): Promise<void> {
  const contents = await settingsOfAGateway()
  for (const [suffix, key] of [
    ['', null],
    ['.xts', randomBytes(64)],
  ] as const) {
    const image = buildNvs(contents, { size: SIZE, key })
    const how = `median of ${ROUNDS}: ${SIZE} bytes, certificate chain, key, CA and eight settings${key ? ', AES-256-XTS' : ''}`
    printFigure({
      name: `nvs.build${suffix}`,
      value: timed(() => buildNvs(contents, { size: SIZE, key })),
      unit: 'ms',
      how,
    })
    printFigure({
      name: `nvs.read${suffix}`,
      value: timed(() => readNvs(image, { key })),
      unit: 'ms',
      how: `${how}, strict`,
    })
  }
}

function timed(run: () => unknown): number | null {
  for (let round = 0; round < ROUNDS; round += 1) run()
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now()
    run()
    return performance.now() - startedAt
  })
  return median(times)
}

async function settingsOfAGateway(): Promise<NvsContents> {
  const { privateKey } = await makeKeyPair('EC P-256')
  const text = (value: string) => ({ type: 'string', value }) as const
  const blob = (value: Uint8Array | string) =>
    ({ type: 'blob', value: Uint8Array.from(Buffer.from(value)) }) as const
  return {
    mw: {
      id: text('019345a0-6a2e-7c11-8f52-3d2a1b0c9e8f'),
      mac: text('aa:bb:cc:dd:ee:ff'),
      label: text('ESP-DDEEFF'),
      broker_uri: text('mqtts://192.168.10.5:8883,mqtts://site.example:8883'),
      ca: blob(randomBytes(900).toString('base64')),
      cert: blob(randomBytes(1_500).toString('base64')),
      key: blob(privateKeyBytes(privateKey)),
      wifi: blob(JSON.stringify([{ ssid: 'plant', psk: randomBytes(12).toString('hex') }])),
      dialect: text('canonical'),
      site_time: { type: 'u64', value: BigInt(Date.now()) },
      cfg_version: { type: 'u32', value: 1 },
    },
  }
}
