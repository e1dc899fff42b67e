import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { credentialReadme } from './credential-readme.ts'
import type { Handover } from './handovers.ts'

/** What a gateway needs to connect, as its ZIP carries it. */
export interface CredentialBundle {
  gateway: { id: string; mac: string | null; code: string; name: string }
  siteName: string
  /** The key in PKCS#8 PEM: OpenSSL, mosquitto, Node, Go and the mbedTLS of ESP32 all read it, for EC and RSA alike. */
  credential: Handover
  /** The device root, PEM. */
  caPem: string
  /** ms; stamped on the files, so that equal bundles are equal bytes. */
  issuedAt: number
  mqtt: {
    /** The site's names and addresses, the one to try first at the front. */
    hosts: string[]
    port: number
    clientId: string
    dialect: string
    /** By their name in the dialect: `telemetry`, `status`, `commands` … */
    topics: Record<string, string>
    /** At CONNECT; null for a gateway that shows its certificate alone. */
    mqtt_username: string | null
    mqtt_password: string | null
  }
  /** A first reading from a shell in this folder; null where its dialect has none for it. */
  command: string | null
}

/** The ZIP of a credential. It holds the private key: it is made for one answer and kept nowhere. */
export async function makeCredentialZip(bundle: CredentialBundle): Promise<Buffer> {
  const { credential } = bundle
  const own: [name: string, content: string, mode: number][] =
    credential.kind === 'key'
      ? [
          ['client.crt', credential.certificatePem, 0o644],
          ['client.key', credential.privateKeyPem, 0o600],
        ]
      : []
  const files: [name: string, content: string, mode: number][] = [
    ...own,
    ['ca.crt', bundle.caPem, 0o644],
    // With a password in it, it is as secret as a key.
    ['config.json', `${JSON.stringify(credentialConfig(bundle), null, 2)}\n`, own.length > 0 ? 0o644 : 0o600],
    ['README.txt', credentialReadme(bundle), 0o644],
  ]
  const zip = new ZipFile()
  const mtime = new Date(bundle.issuedAt)
  for (const [name, content, mode] of files) {
    zip.addBuffer(Buffer.from(content, 'utf8'), name, { mtime, mode: 0o100000 | mode })
  }
  zip.end()
  return buffer(zip.outputStream)
}

/** What `config.json` says; agents read it, so its names do not change. */
function credentialConfig({ gateway, mqtt, credential }: CredentialBundle) {
  const { mqtt_username: username, mqtt_password: password, ...broker } = mqtt
  return {
    gateway,
    mqtt: { ...broker, ...(username !== null && { username, password }), tls: true, keepalive: 60 },
    files:
      credential.kind === 'key'
        ? { certificate: 'client.crt', key: 'client.key', ca: 'ca.crt' }
        : { ca: 'ca.crt' },
    ...(credential.kind === 'key' && {
      certificateExpiresAt: new Date(credential.notAfter).toISOString(),
    }),
  }
}
