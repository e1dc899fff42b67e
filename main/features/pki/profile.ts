import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { AlternativeName, CertificateKind, CertificateSpec, KeyAlgorithm } from './certificate-spec.ts'
import { permittedFor } from './name-constraints.ts'

const hour = 3_600_000
const day = 24 * hour
/** The device world starts here: a gateway whose clock stands at flash time, or at a build date, is past it. */
export const epoch = Date.UTC(2020, 0, 1)

/** `years` later, same day and time, UTC. */
export function addYears(ms: number, years: number): number {
  const date = new Date(ms)
  date.setUTCFullYear(date.getUTCFullYear() + years)
  return date.getTime()
}

/** How long a private key made here waits for its gateway (domain.md, four ways to enroll). */
export const handoverLife = 24 * hour

/**
 * When a CA is succeeded by a new one: while what it signs for the longest (10 years) still fits into its life.
 * The root has no successor here: 40 years, and it may be away in a safe.
 */
export const succeedBefore = { device_issuing: 11, server_issuing: 11, web_ca: 2 } as const

/** The part of a leaf's life after which it is renewed, where the life is under six years (security.md). */
export const renewAfter = 2 / 3

/** Life of an issuer, to which everything below it is cut. */
export interface IssuerLife {
  notBefore: number
  notAfter: number
}

/** EC P-384, 40 years from 2020, may have issuing CAs below but no deeper. Gateways trust this as `ca.crt`. */
export function deviceRootSpec(siteName: string): CertificateSpec {
  return authority('device_root', siteName, {
    keyAlgorithm: 'EC P-384',
    notBefore: epoch,
    notAfter: addYears(epoch, 40),
    pathLength: 1,
  })
}

/**
 * Signs gateways, and only clients: a stolen one cannot pose as the broker. The first lives 24 years from 2020;
 * a successor starts there too (gateways without a clock), and lives 24 years from its making.
 */
export function deviceIssuingSpec(siteName: string, root: IssuerLife, now: number): CertificateSpec {
  const spec = authority('device_issuing', siteName, issuingLife(root, now))
  return { ...spec, extendedKeyUsage: ['clientAuth'] }
}

/** Signs the site's servers, under the same root, so that a gateway verifies the broker with `ca.crt`. */
export function serverIssuingSpec(siteName: string, root: IssuerLife, now: number): CertificateSpec {
  const spec = authority('server_issuing', siteName, issuingLife(root, now))
  return { ...spec, extendedKeyUsage: ['serverAuth'] }
}

/**
 * Self-signed, apart from the device world, 10 years: what browsers are asked to trust. Its name constraints keep
 * that trust to this plant: even its stolen key signs for no bank.
 *
 * @param names the site's own names and addresses
 */
export function webAuthoritySpec(siteName: string, names: string[], now: number): CertificateSpec {
  const notBefore = now - day
  const spec = authority('web_ca', siteName, {
    keyAlgorithm: 'EC P-256',
    notBefore,
    notAfter: addYears(notBefore, 10),
    pathLength: 0,
  })
  return { ...spec, extendedKeyUsage: ['serverAuth'], permitted: permittedFor(names) }
}

/**
 * The broker's and the device HTTPS listener's: backdated to its issuer's start, so that a gateway whose clock
 * stands at flash time accepts it; five years from now.
 */
export function brokerSpec(names: string[], issuer: IssuerLife, now: number): CertificateSpec {
  return serverLeaf('broker', names, {
    notBefore: issuer.notBefore,
    notAfter: Math.min(addYears(now, 5), issuer.notAfter),
  })
}

/** The UI's HTTPS: 397 days, the longest that browsers take. */
export function webSpec(names: string[], issuer: IssuerLife, now: number): CertificateSpec {
  const notBefore = Math.max(now - day, issuer.notBefore)
  return serverLeaf('web', names, { notBefore, notAfter: Math.min(notBefore + 397 * day, issuer.notAfter) })
}

/** Before set-up there is no CA: a self-signed certificate, told apart by the fingerprint on the console. */
export function temporaryWebSpec(names: string[], now: number): CertificateSpec {
  return serverLeaf('web', names, { notBefore: now - day, notAfter: now + 30 * day })
}

export interface GatewayName {
  gatewayId: string
  /** `aa:bb:cc:dd:ee:ff`, where there is one. */
  mac: string | null
}

/**
 * A gateway's: ten years from now (001). It starts two days ago: the site's own clock may be set back after a
 * wrong day was noticed, and an agent without a battery clock may check its certificate before it has the time.
 * Further back would only shorten what "ten years" means to whoever reads it.
 */
export function gatewaySpec(
  name: GatewayName,
  keyAlgorithm: KeyAlgorithm,
  issuer: IssuerLife,
  now: number,
  crlUrls: string[],
): CertificateSpec {
  const macNames: AlternativeName[] = name.mac ? [{ type: 'dns', value: dashedMac(name.mac) }] : []
  return {
    ...leaf('gateway', keyAlgorithm),
    subject: { organization: null, commonName: name.mac ?? name.gatewayId },
    notBefore: Math.max(now - 2 * day, issuer.notBefore),
    notAfter: Math.min(addYears(now, 10), issuer.notAfter),
    extendedKeyUsage: ['clientAuth'],
    alternativeNames: [{ type: 'uri', value: `urn:millwright:gateway:${name.gatewayId}` }, ...macNames],
    crlUrls,
  }
}

/** An MQTT client's: one year, and only for a client of the broker (security.md). */
export function mqttClientSpec(
  { mqttClientId, username }: { mqttClientId: string; username: string },
  issuer: IssuerLife,
  now: number,
  crlUrls: string[],
): CertificateSpec {
  return {
    ...leaf('mqtt_client', 'EC P-256'),
    subject: { organization: null, commonName: cut(username, 64) },
    notBefore: Math.max(now - day, issuer.notBefore),
    notAfter: Math.min(addYears(now, 1), issuer.notAfter),
    extendedKeyUsage: ['clientAuth'],
    alternativeNames: [{ type: 'uri', value: `urn:millwright:mqtt-client:${mqttClientId}` }],
    crlUrls,
  }
}

/** `aa-bb-cc-dd-ee-ff`: a MAC as a DNS label and in file names. */
export function dashedMac(mac: string): string {
  return mac.replaceAll(':', '-')
}

function issuingLife(root: IssuerLife, now: number) {
  const first = addYears(epoch, 24)
  const needed = addYears(now, succeedBefore.device_issuing)
  const notAfter = Math.min(first >= needed ? first : addYears(now, 24), root.notAfter)
  return { keyAlgorithm: 'EC P-256', notBefore: root.notBefore, notAfter, pathLength: 0 } as const
}

const authorityTitles = {
  device_root: 'Device Root',
  device_issuing: 'Device CA',
  server_issuing: 'Server CA',
  web_ca: 'Web CA',
}

function authority(
  kind: keyof typeof authorityTitles,
  siteName: string,
  life: Pick<CertificateSpec, 'keyAlgorithm' | 'notBefore' | 'notAfter' | 'pathLength'>,
): CertificateSpec {
  const serial = randomSerial()
  // Two sites may have one name, and a CA has successors: trust stores want their subjects to differ.
  const suffix = ` ${authorityTitles[kind]} ${serial.slice(0, 4)}`
  return {
    ...life,
    kind,
    serial,
    subject: { organization: cut(siteName, 64), commonName: cut(siteName, 64 - suffix.length) + suffix },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [],
    alternativeNames: [],
    permitted: null,
    crlUrls: [],
  }
}

function serverLeaf(kind: 'broker' | 'web', names: string[], life: IssuerLife): CertificateSpec {
  return {
    ...leaf(kind, 'EC P-256'),
    ...life,
    subject: { organization: null, commonName: cut(names[0] ?? 'localhost', 64) },
    extendedKeyUsage: ['serverAuth'],
    alternativeNames: names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
    crlUrls: [],
  }
}

function leaf(kind: CertificateKind, keyAlgorithm: KeyAlgorithm) {
  return {
    kind,
    keyAlgorithm,
    serial: randomSerial(),
    pathLength: null,
    // RFC 5480 3 allows an EC key no encipherment; an RSA key needs it for the key exchange of old TLS.
    keyUsage: keyAlgorithm === 'RSA 2048' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'],
    permitted: null,
  } satisfies Partial<CertificateSpec>
}

/** 128 random bits, positive, no leading zero octet: one text form for one number. RFC 5280 4.1.2.2 */
function randomSerial(): string {
  let octets = randomBytes(16)
  while (octets[0] === 0) octets = randomBytes(16)
  return octets.toString('hex')
}

/** X.520 bounds names at 64 characters; a cut must not halve a surrogate pair. */
function cut(text: string, characters: number): string {
  return Array.from(text).slice(0, characters).join('').trim()
}
