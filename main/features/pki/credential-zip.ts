import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { credentialReadme } from './credential-readme.ts'

/** What a gateway needs to connect, as its ZIP carries it. */
export interface CredentialBundle {
  gateway: { id: string; mac: string | null; code: string; name: string }
  siteName: string
  /** Leaf and issuing CA, PEM. */
  certificatePem: string
  /** PKCS#8 PEM: OpenSSL, mosquitto, Node, Go and the mbedTLS of ESP32 all read it, for EC and RSA alike. */
  privateKeyPem: string
  /** The device root, PEM. */
  caPem: string
  /** ms */
  certificateNotAfter: number
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
  }
}

/** The ZIP of a credential. It holds the private key: it is made for one answer and kept nowhere. */
export async function makeCredentialZip(bundle: CredentialBundle): Promise<Buffer> {
  const files: [name: string, content: string, mode: number][] = [
    ['client.crt', bundle.certificatePem, 0o644],
    ['client.key', bundle.privateKeyPem, 0o600],
    ['ca.crt', bundle.caPem, 0o644],
    ['config.json', `${JSON.stringify(credentialConfig(bundle), null, 2)}\n`, 0o644],
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
function credentialConfig({ gateway, mqtt, certificateNotAfter }: CredentialBundle) {
  return {
    gateway,
    mqtt: { ...mqtt, tls: true, keepalive: 60 },
    files: { certificate: 'client.crt', key: 'client.key', ca: 'ca.crt' },
    certificateExpiresAt: new Date(certificateNotAfter).toISOString(),
  }
}
