import { readFile } from 'node:fs/promises'
import { connect, packet, publish, subscribe } from '#broker/testing/raw-packets.ts'
import { TestPki } from '#broker/testing/test-pki.ts'
import type { FindingId } from '#contract/findings.ts'
import type { Finding } from '#contract/model/doctor.ts'
import { provisioned } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { breakOff, openssl, say, tcp, tls } from './boxes.ts'
import {
  box,
  examine,
  found,
  here,
  knocked,
  last,
  made,
  madeWithSecret,
  offline,
  online,
  sent,
  sessions,
  store,
  stranger,
  tenant,
} from './doctor-plant.ts'

const YEAR = 365 * 86_400_000

/** CONNECT with protocol level 5 and no properties. */
const mqtt5 = (clientId: string) => packet(1, 0, 'MQTT', Buffer.from([5, 2]), 60, Buffer.from([0]), clientId)

/** One trouble: how it comes about, whom the doctor is asked about, and what else it has to say. */
export interface Trouble {
  id: FindingId
  cause(): Promise<string>
  says?: RegExp
  /** Looks so much later, ms. */
  later?: number
  confidence?: Finding['confidence']
}

/** Of a box that the site cannot name: told by its address. */
export const unnamed: Trouble[] = [
  {
    id: 'plain_mqtt',
    cause: async () => {
      const from = stranger()
      await tcp(from, connect('box'))
      return from.localAddress
    },
    says: /Turn TLS on/,
  },
  {
    id: 'http_on_mqtt',
    cause: async () => {
      const from = stranger()
      await tcp(from, 'GET / HTTP/1.1\r\nHost: site\r\n\r\n')
      return from.localAddress
    },
  },
  {
    id: 'not_tls',
    cause: async () => {
      const from = stranger()
      await tcp(from, Buffer.alloc(64, 0x42))
      return from.localAddress
    },
  },
  {
    id: 'says_nothing',
    cause: async () => {
      const from = stranger()
      ;(await tcp(from)).end()
      return from.localAddress
    },
  },
  {
    id: 'no_tls_on_https',
    cause: async () => {
      const from = { ...stranger(), port: here.ports.https }
      await tcp(from, connect('box'))
      return from.localAddress
    },
    says: /neither TLS nor HTTP/,
  },
  {
    id: 'tls_too_old',
    cause: async () => {
      const from = stranger()
      await openssl(from, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')
      return from.localAddress
    },
    says: /TLSv1\.1/,
  },
  {
    id: 'nothing_in_common',
    cause: async () => {
      const from = stranger()
      await openssl(from, '-tls1_2', '-cipher', 'AES128-SHA256')
      return from.localAddress
    },
  },
  {
    id: 'certificate_missing',
    cause: async () => {
      const from = stranger()
      await say(await tls(from, null), connect('box'))
      return from.localAddress
    },
  },
  {
    id: 'nothing_refused',
    cause: async () => '10.20.30.40',
  },
  {
    id: 'box_unknown',
    cause: async () => 'ee:ee:ee:00:00:01',
  },
  {
    id: 'knocks_unclaimed',
    cause: async () => {
      await knocked('aa:bb:cc:02:00:02')
      return 'AA-BB-CC-02-00-02'
    },
    says: /knocked 1 times/,
  },
]

/** Whoever checks what the site shows. */
export const distrust: Trouble[] = [
  {
    id: 'site_not_trusted',
    cause: async () => {
      const one = await box()
      await offline(one)
      const { cert, key } = one.files
      await openssl(one.from, '-verify_return_error', '-CAfile', cert, '-cert', cert, '-key', key)
      return one.code
    },
    says: /ca\.crt on it is another one/,
    confidence: 'likely',
  },
  {
    id: 'name_mismatch',
    cause: async () => {
      const from = stranger()
      const { files } = await box()
      const name = 'broker.elsewhere.example'
      await openssl(
        from,
        '-verify_return_error',
        '-CAfile',
        files.ca,
        '-servername',
        name,
        '-verify_hostname',
        name,
      )
      return from.localAddress
    },
    says: /broker\.elsewhere\.example.*localhost/s,
  },
  {
    id: 'box_clock_wrong',
    cause: async () => {
      const from = stranger()
      const { files } = await box()
      await openssl(from, '-verify_return_error', '-CAfile', files.ca, '-attime', '4000000000')
      return from.localAddress
    },
    says: /its clock is wrong/,
  },
  {
    id: 'site_certificate_refused',
    cause: async () => {
      const from = stranger()
      const { files } = await box()
      await openssl(from, '-verify_return_error', '-CAfile', files.ca, '-attime', '1000000000')
      return from.localAddress
    },
    says: /bad certificate/,
  },
  {
    id: 'left_early',
    cause: async () => {
      const one = await box()
      const socket = await tls(one.from, one.files, { maxVersion: 'TLSv1.2' })
      socket.end()
      return one.code
    },
  },
  {
    // Reference 001, problem 3: a box with an RSA key that runs out of memory.
    id: 'esp32_memory',
    cause: async () => {
      const one = await box({ key: 'rsa' })
      await offline(one)
      for (let n = 0; n < 3; n++) await breakOff(one.from)
      return one.code
    },
    says: /EC key in place of RSA.*Bluetooth/,
  },
]

export const certificates: Trouble[] = [
  {
    id: 'foreign_ca',
    cause: async () => {
      const one = await box()
      const { key, cert } = await (await TestPki.create('Other plant')).clientCertificate(one.mac)
      await say(await tls(one.from, null, { key, cert }), connect(one.name))
      return one.code
    },
    says: /CN=Other plant/,
    confidence: 'certain',
  },
  {
    id: 'certificate_expired',
    cause: async () => {
      const one = await box({ at: Date.UTC(2015, 5, 1) })
      await say(await tls(one.from, one.files), connect(one.name))
      return one.code
    },
    says: /days ago.*2025-06-01/s,
  },
  {
    id: 'certificate_early',
    cause: async () => {
      const one = await box({ at: Date.now() + YEAR })
      await say(await tls(one.from, one.files), connect(one.name))
      return one.code
    },
    says: /36\d days too early/,
  },
  {
    id: 'certificate_unknown',
    cause: async () => {
      const one = await box()
      await store(
        one,
        `update certificates set fingerprint = 'x' || fingerprint where gatewayId = (select id from gateways where code = ?)`,
      )
      await say(await tls(one.from, one.files), connect(one.name))
      return one.from.localAddress
    },
  },
  {
    id: 'certificate_superseded',
    cause: async () => {
      const one = await box()
      const [cert, key] = await Promise.all([readFile(one.files.cert), readFile(one.files.key)])
      await here.site.local.post(`/api/v1/gateways/${one.code}/revoke`, {})
      await provisioned(here.site, one.code, { mac: one.mac, tenant: here.tenant })
      await say(await tls(one.from, null, { cert, key }), connect(one.name))
      return one.code
    },
  },
  {
    id: 'gateway_revoked',
    cause: async () => {
      const one = await box()
      await here.site.local.post(`/api/v1/gateways/${one.code}/revoke`, { reason: 'stolen in March' })
      await say(await tls(one.from, one.files), connect(one.name))
      return one.code
    },
    says: /stolen in March/,
  },
  {
    id: 'gateway_suspended',
    cause: async () => {
      const one = await box()
      await here.site.local.post(`/api/v1/gateways/${one.code}/suspend`, { reason: 'pump is out' })
      await say(await tls(one.from, one.files), connect(one.name))
      return one.code
    },
    says: /pump is out/,
  },
  {
    id: 'mqtt_on_wrong_port',
    cause: async () => {
      const one = await box()
      await say(await tls({ ...one.from, port: here.ports.devices }, one.files), connect(one.name))
      return one.code
    },
    says: /Set port \d+/,
  },
  {
    // Claimed, and the box has not come back for it.
    id: 'credential_waiting',
    cause: async () => {
      const knock = await knocked('aa:bb:cc:02:00:01')
      const body = { token: knock.activation_token, code: 'CLAIMED', name: 'Claimed', tenant: here.tenant }
      const answer = await here.site.local.post('/api/v1/claims/accept', body)
      if (answer.status !== 201) throw new Error(answer.text)
      return 'CLAIMED'
    },
  },
  {
    id: 'certificate_ends_soon',
    cause: async () => {
      const one = await box({ at: Date.now() - 9 * YEAR })
      await online(one)
      return one.code
    },
    later: 1_000,
  },
  {
    id: 'tenant_suspended',
    cause: async () => {
      const one = await box({ tenant: (await tenant()).id })
      const { id } = last
      await here.site.local.post(`/api/v1/tenants/${id}/suspend`, {})
      await say(await tls(one.from, one.files), connect(one.name))
      return one.code
    },
  },
  {
    id: 'quota_used_up',
    cause: async () => {
      const { id } = await tenant()
      await here.site.local.send('PATCH', `/api/v1/tenants/${id}/quotas`, { quotas: { messagesPerHour: 1 } })
      const one = await box({ tenant: id })
      await say(
        await online(one),
        publish(`mw/${one.name}/logs`, 'x'),
        publish(`mw/${one.name}/logs`, 'y', 1),
      )
      await eventually(async () => !(await examine(one.code)).subject.gateway?.online, 'the quota to end it')
      await say(await tls(one.from, one.files), connect(one.name))
      return one.code
    },
  },
]

export const signIn: Trouble[] = [
  {
    id: 'wrong_client_id',
    cause: async () => {
      const one = await box()
      await say(await tls(one.from, one.files), connect('esp32-client'))
      return one.code
    },
    says: /esp32-client/,
  },
  {
    id: 'swapped_certificate',
    cause: async () => {
      const [one, other] = [await box(), await box()]
      await say(await tls(one.from, other.files), connect(one.name))
      return one.code
    },
    says: /mixed up/,
  },
  {
    id: 'mqtt_version',
    cause: async () => {
      const one = await box()
      await say(await tls(one.from, one.files), mqtt5(one.name))
      return one.code
    },
  },
  {
    id: 'not_mqtt',
    cause: async () => {
      const one = await box()
      await say(await tls(one.from, one.files), Buffer.from([0x30, 0x02, 0, 0]))
      return one.code
    },
  },
  {
    id: 'password_wrong',
    cause: async () => {
      await made('SECRET', 'aa:bb:cc:01:00:02', { credential: 'secret' })
      const from = { ...stranger(), port: here.ports.password }
      await say(
        await tls(from, null),
        connect('aabbcc010002', { username: 'aabbcc010002', password: 'wrong' }),
      )
      return 'SECRET'
    },
  },
  {
    id: 'password_missing',
    cause: async () => {
      await made('NOPASS', 'aa:bb:cc:01:00:03', { credential: 'secret' })
      const from = { ...stranger(), port: here.ports.password }
      await say(await tls(from, null), connect('aabbcc010003'))
      return 'NOPASS'
    },
  },
  {
    id: 'password_gateways_off',
    cause: async () => {
      const { code, secret } = await madeWithSecret('DOOR', 'aa:bb:cc:01:00:04')
      const from = { ...stranger(), port: here.ports.password }
      await say(
        await tls(from, null),
        connect('aabbcc010004', { username: 'aabbcc010004', password: secret }),
      )
      return code
    },
  },
  {
    id: 'two_boxes',
    cause: async () => {
      const one = await box()
      const second = { ...one, from: { ...one.from, localAddress: '127.0.7.7' } }
      for (const next of [one, second, one, second]) {
        const at = Date.now()
        await say(await tls(next.from, next.files), connect(next.name))
        await eventually(async () => (await sessions(one.code)).some((since) => since >= at), 'the takeover')
      }
      return one.code
    },
    says: /127\.0\.7\.7/,
    confidence: 'certain',
  },
  {
    id: 'unstable_line',
    cause: async () => {
      const one = await box()
      for (let n = 0; n < 5; n++) (await online(one)).destroy()
      return one.code
    },
  },
  {
    id: 'shown_offline',
    cause: async () => {
      const [one, other] = [await box(), await box()]
      await offline(one)
      await online({ ...other, from: one.from })
      return one.code
    },
  },
  {
    id: 'will_denied',
    cause: async () => {
      const one = await box()
      const will = packet(1, 0, 'MQTT', Buffer.from([4, 0x06]), 60, one.name, 'mw/other/status', 'gone')
      await say(await tls(one.from, one.files), will)
      return one.code
    },
    says: /mw\/other\/status/,
  },
  {
    id: 'restarts_often',
    cause: async () => {
      const one = await box()
      for (let n = 0; n < 4; n++) {
        const at = Date.now()
        await say(await tls(one.from, one.files), connect(one.name))
        await eventually(async () => (await sessions(one.code)).some((since) => since >= at), 'the takeover')
      }
      return one.code
    },
  },
  {
    id: 'awaits_bind',
    cause: async () => {
      const one = await box()
      await store(one, `update gateways set bindState = 'pending' where code = ?`)
      await say(await online(one), publish(`mw/${one.name}/telemetry`, '{"values":{"t":1}}'))
      return one.code
    },
  },
  {
    // Reference 001, problem 2: gone, and shown so.
    id: 'silent',
    cause: async () => {
      const one = await box()
      await offline(one)
      return one.code
    },
    says: /said goodbye itself/,
  },
  {
    id: 'never_seen',
    cause: async () => (await box()).code,
    says: /127\.0\.0\.1 at port \d+/,
  },
  {
    id: 'wrong_door',
    cause: async () => {
      const id = (await tenant()).id
      await here.site.local.send('PATCH', `/api/v1/tenants/${id}`, { passwordGateways: true })
      const { code, secret } = await madeWithSecret('PASSER', 'aa:bb:cc:01:00:05', { tenant: id })
      const from = stranger()
      const session = connect('aabbcc010005', { username: 'aabbcc010005', password: secret })
      const first = await say(await tls({ ...from, port: here.ports.password }, null), session)
      await eventually(async () => (await examine(code)).subject.gateway?.online, 'it to be online')
      first.destroy()
      await eventually(async () => !(await examine(code)).subject.gateway?.online, 'it to be offline')
      await say(await tls(from, null), session)
      return code
    },
    confidence: 'likely',
  },
]

export const messages: Trouble[] = [
  {
    id: 'topic_denied',
    cause: () => sent(({ name }) => [publish(`devices/${name}/state`, '21')]),
    says: /devices\/\w+\/state.*mw\/\w+\/telemetry/s,
  },
  { id: 'subscription_denied', cause: () => sent(() => [subscribe(1, 'mw/other/commands')]) },
  { id: 'payload_refused', cause: () => sent(({ name }) => [publish(`mw/${name}/telemetry`, '21.5')]) },
  {
    id: 'too_many_channels',
    cause: () =>
      sent(({ name }) => {
        const values = Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`c${n}`, n]))
        return [publish(`mw/${name}/telemetry`, JSON.stringify({ values }))]
      }),
  },
  {
    id: 'packet_too_large',
    cause: () => sent(({ name }) => [publish(`mw/${name}/telemetry`, Buffer.alloc(300_000, 0x20))]),
  },
  {
    id: 'rate_limited',
    cause: () => sent(({ name }) => Array.from({ length: 900 }, () => publish(`mw/${name}/logs`, 'x'))),
    says: /messages dropped/,
  },
  {
    id: 'no_readings',
    cause: () => sent(({ name }) => [publish(`mw/${name}/status`, 'online')]),
    later: 60_000,
  },
  {
    id: 'readings_stopped',
    cause: async () => {
      const code = await sent(({ name }) => [
        publish(`mw/${name}/telemetry`, JSON.stringify({ values: { t: 1 } }), 1),
      ])
      // All of it in the time of now, before the clock is set forward.
      const settled = async () => {
        const { checks, subject } = await examine(code)
        const heard = checks.find(({ stage }) => stage === 'readings')?.facts ?? []
        return heard.length > 0 && subject.gateway?.state === 'active'
      }
      await eventually(settled, 'its reading')
      return code
    },
    later: 10 * 60_000,
  },
  {
    id: 'connected',
    cause: async () => {
      const one = await box()
      await say(await tls(one.from, one.files), connect('esp32-client'))
      await found(one.code, 'wrong_client_id')
      await say(await online(one), publish(`mw/${one.name}/telemetry`, '{"values":{"t":1}}'))
      return one.code
    },
    says: /Nothing needs to be done/,
  },
]
