import type { PermittedNames } from './name-constraints.ts'

export type CertificateKind =
  | 'device_root'
  | 'device_issuing'
  | 'server_issuing'
  | 'web_ca'
  | 'broker'
  | 'web'
  | 'gateway'
  | 'mqtt_client'

export type KeyAlgorithm = 'EC P-256' | 'EC P-384' | 'RSA 2048'
export type KeyUsage = 'digitalSignature' | 'keyEncipherment' | 'keyCertSign' | 'cRLSign'
export type ExtendedKeyUsage = 'serverAuth' | 'clientAuth'

export interface SubjectName {
  organization: string | null
  commonName: string
}

export interface AlternativeName {
  type: 'dns' | 'ip' | 'uri'
  value: string
}

/** Everything a certificate says but its keys: plain data, so that it crosses into the signing thread. */
export interface CertificateSpec {
  kind: CertificateKind
  keyAlgorithm: KeyAlgorithm
  /** 16 random octets, lower-case hex. */
  serial: string
  subject: SubjectName
  /** ms; X.509 keeps whole seconds. */
  notBefore: number
  /** ms */
  notAfter: number
  /** Null for a leaf. */
  pathLength: number | null
  keyUsage: KeyUsage[]
  extendedKeyUsage: ExtendedKeyUsage[]
  alternativeNames: AlternativeName[]
  permitted: PermittedNames | null
  crlUrls: string[]
}
