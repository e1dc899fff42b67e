import 'reflect-metadata'
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

/** A key that the chip makes itself, as PKCS#8 PEM, and a request for its certificate, as PEM. */
export async function makeOwnKey(name: string): Promise<{ privateKey: string; csr: string }> {
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { privateKey: PemConverter.encode(pkcs8, 'PRIVATE KEY'), csr: request.toString('pem') }
}
