import 'reflect-metadata'
import { createHash, type KeyObject, type webcrypto } from 'node:crypto'
import {
  Extension,
  type JsonNameParams,
  Name,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { encodeExtensions } from './certificate-extensions.ts'
import type { CertificateSpec, SubjectName } from './certificate-spec.ts'

/** As the library's own types have it: where the browser's types are there too, Node's are others. */
type SigningKey = Extract<
  Parameters<typeof X509CertificateGenerator.create>[0],
  { signingKey: unknown }
>['signingKey']

/** A CA with its key, ready to sign. */
export interface Issuer {
  name: Name
  /** Lower-case hex. */
  keyId: string
  notBefore: number
  notAfter: number
  privateKey: KeyObject
  /** The same key as the certificate library takes it: turning it costs as much as signing. */
  signingKey: SigningKey
}

/**
 * Builds and signs one certificate. RFC 5280 4
 *
 * @param publicKey DER SubjectPublicKeyInfo of the subject
 * @param issuer the signing CA; for a self-signed certificate the subject's own private key
 * @returns DER
 * @throws Error when a certificate would outlive its issuer: a bug of the caller, never a choice
 */
export async function buildCertificate(
  spec: CertificateSpec,
  publicKey: Uint8Array<ArrayBuffer>,
  issuer: Issuer | { selfSigned: KeyObject },
): Promise<Buffer> {
  const subject = nameOf(spec.subject)
  const selfSigned = 'selfSigned' in issuer
  if (!selfSigned && (spec.notAfter > issuer.notAfter || spec.notBefore < issuer.notBefore)) {
    throw new Error(`A ${spec.kind} certificate would outlive its issuer`)
  }
  const keyId = keyIdentifier(publicKey)
  const signingKey = selfSigned ? signingKeyOf(issuer.selfSigned) : issuer.signingKey
  const certificate = await X509CertificateGenerator.create({
    serialNumber: spec.serial,
    subject,
    issuer: selfSigned ? subject : issuer.name,
    notBefore: new Date(spec.notBefore),
    notAfter: new Date(spec.notAfter),
    publicKey,
    signingKey,
    signingAlgorithm: { name: 'ECDSA', hash: isP384(signingKey) ? 'SHA-384' : 'SHA-256' },
    extensions: encodeExtensions(spec, keyId, selfSigned ? keyId : issuer.keyId).map(
      (der) => new Extension(new Uint8Array(der)),
    ),
  })
  return Buffer.from(certificate.rawData)
}

/** A CA certificate and its key as an issuer. */
export function issuerOf(certificate: Uint8Array<ArrayBuffer>, privateKey: KeyObject): Issuer {
  const parsed = new X509Certificate(certificate)
  return {
    name: parsed.subjectName,
    keyId: keyIdentifier(new Uint8Array(parsed.publicKey.rawData)),
    notBefore: parsed.notBefore.getTime(),
    notAfter: parsed.notAfter.getTime(),
    privateKey,
    signingKey: signingKeyOf(privateKey),
  }
}

function signingKeyOf(key: KeyObject): SigningKey {
  const namedCurve = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : 'P-256'
  return key.toCryptoKey({ name: 'ECDSA', namedCurve }, false, ['sign']) as SigningKey
}

function isP384({ algorithm }: SigningKey): boolean {
  return (algorithm as webcrypto.EcKeyAlgorithm).namedCurve === 'P-384'
}

/** RFC 5280 4.2.1.2 leaves the method open; this is the one of RFC 7093 section 2 (4), cut to 160 bits. */
function keyIdentifier(subjectPublicKeyInfo: Uint8Array): string {
  return createHash('sha256').update(subjectPublicKeyInfo).digest('hex').slice(0, 40)
}

function nameOf({ organization, commonName }: SubjectName): Name {
  const parts: JsonNameParams = organization ? [{ O: [directoryString(organization)] }] : []
  return new Name([...parts, { CN: [directoryString(commonName)] }])
}

/** Said explicitly: as bare text a name that starts with `#` would be read as hex. RFC 5280 4.1.2.4 */
function directoryString(text: string) {
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? { printableString: text } : { utf8String: text }
}
