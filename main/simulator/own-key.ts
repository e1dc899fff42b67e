import 'reflect-metadata'
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** A key that a box made itself, and its certificate request. @returns the key in PKCS#8 PEM, the request in base64 of DER */
export async function makeOwnKey(name: string): Promise<{ privateKey: string; csr: string }> {
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
  const privateKey = PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  )
  return { privateKey, csr: Buffer.from(request.rawData).toString('base64') }
}
