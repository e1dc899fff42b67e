import 'reflect-metadata'
import { hash, randomBytes } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { ServerCredentials } from '#broker/port.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 24 * 3600 * 1_000

export interface TestCertificate {
  key: string
  cert: string
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: string
}

interface Authority {
  certificate: x509.X509Certificate
  keys: Awaited<ReturnType<typeof generateKeys>>
}

interface Life {
  notBefore?: Date
  notAfter?: Date
}

/** A certificate authority of the shape that Millwright's own has: one root and one issuing CA are enough here. */
export class TestPki {
  readonly ca: string
  private readonly root: Authority

  private constructor(root: Authority) {
    this.root = root
    this.ca = root.certificate.toString('pem')
  }

  static async create(name = 'Test CA'): Promise<TestPki> {
    const keys = await generateKeys()
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serial(),
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + 365 * DAY),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 1, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    })
    return new TestPki({ certificate, keys })
  }

  async serverCredentials(): Promise<ServerCredentials> {
    const { key, cert } = await this.issue('localhost', x509.ExtendedKeyUsage.serverAuth)
    return { key, cert, ca: this.ca }
  }

  async clientCertificate(name: string, life: Life = {}): Promise<TestCertificate> {
    return this.issue(name, x509.ExtendedKeyUsage.clientAuth, life)
  }

  async issue(name: string, usage: x509.ExtendedKeyUsage, life: Life = {}): Promise<TestCertificate> {
    const keys = await generateKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      subject: `CN=${name}`,
      issuer: this.root.certificate.subject,
      notBefore: life.notBefore ?? new Date(Date.now() - DAY),
      notAfter: life.notAfter ?? new Date(Date.now() + 30 * DAY),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.root.keys.privateKey,
      extensions: [
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    })
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
    return {
      key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
      cert: certificate.toString('pem'),
      fingerprint: hash('sha256', new Uint8Array(certificate.rawData), 'hex'),
    }
  }
}

function serial(): string {
  return `01${randomBytes(15).toString('hex')}`
}

function generateKeys() {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}
