import { randomBytes } from 'node:crypto'
import { buildCertificate } from '#features/pki/certificate-builder.ts'
import type { CrlContent } from '#features/pki/crl.ts'
import { makeKeyPair, privateKeyBytes } from '#features/pki/key-pair.ts'
import { deviceRootSpec } from '#features/pki/profile.ts'
import { Signer } from '#features/pki/signer.ts'
import { median, printFigure } from '../figure.ts'

const ENTRIES = 10_000
const ROUNDS = 20

/** `crl.10k`: asked for on the main thread, encoded and signed in the CA's, and back. */
export async function benchCrl(): Promise<void> {
  const keys = await makeKeyPair('EC P-256')
  const certificate = await buildCertificate(deviceRootSpec('Benchmark'), keys.publicKey, {
    selfSigned: keys.privateKey,
  })
  const signer = new Signer({
    openIssuer: async () => ({
      certificate: new Uint8Array(certificate),
      privateKey: privateKeyBytes(keys.privateKey),
    }),
  })
  signer.start()
  try {
    await signer.signCrl('ca', contentOf(10, 1))
    const times: number[] = []
    let bytes = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const content = contentOf(ENTRIES, round + 2)
      const startedAt = performance.now()
      bytes = (await signer.signCrl('ca', content)).byteLength
      times.push(performance.now() - startedAt)
    }
    printFigure({
      name: 'crl.10k',
      value: median(times),
      unit: 'ms',
      how: `median of ${ROUNDS}: ${ENTRIES} entries with reasons, ${bytes} bytes of DER, ECDSA P-256, through the signing thread, from sources`,
    })
  } finally {
    await signer.stop()
  }
}

function contentOf(entries: number, number: number): CrlContent {
  const now = Date.now()
  return {
    number,
    thisUpdate: now,
    nextUpdate: now + 7 * 86_400_000,
    // 128 random bits, the first one clear: a positive INTEGER (RFC 5280 4.1.2.2).
    serials: Array.from({ length: entries }, () => {
      const serial = randomBytes(16)
      serial[0] = (serial[0] ?? 0) & 0x7f
      return serial.toString('hex')
    }),
    revokedAt: Array.from({ length: entries }, (_, index) => now - index * 60_000),
    reasons: Array.from({ length: entries }, (_, index) =>
      index % 2 === 0 ? 'keyCompromise' : 'superseded',
    ),
  }
}
