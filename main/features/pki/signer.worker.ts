import { parentPort } from 'node:worker_threads'
import { assertNever, ExpectedError } from '#contract/errors.ts'
import { buildCertificate, type Issuer, issuerOf } from './certificate-builder.ts'
import { signCrl } from './crl.ts'
import { makeKeyPair, privateKeyBytes, takePrivateKey } from './key-pair.ts'
import { runCryptoSelfTest } from './self-test.ts'
import type { SignerAnswers, SignerCall, SignerReply, SignerRequest } from './signer.protocol.ts'

/**
 * The signing thread. CA keys are opened only here; signing and making keys keep no one else waiting. It holds
 * no state that a restart would lose: a missing issuer is asked for.
 */
const issuers = new Map<string, Issuer>()

parentPort?.on('message', ({ id, request }: SignerCall) => {
  void handle(request).then(
    (answer) => reply({ id, answer }, answer),
    (error: unknown) => {
      if (error instanceof IssuerMissing) reply({ id, issuerMissing: error.issuerId })
      else if (error instanceof ExpectedError) reply({ id, expected: { code: error.code, data: error.data } })
      else reply({ id, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    },
  )
})

async function handle(request: SignerRequest): Promise<SignerAnswers[keyof SignerAnswers]> {
  switch (request.op) {
    case 'addIssuer':
      issuers.set(request.issuerId, issuerOf(request.certificate, takePrivateKey(request.privateKey)))
      return null
    case 'forgetIssuer':
      issuers.delete(request.issuerId)
      return null
    case 'issue': {
      // Asked for first: an RSA key made for nothing costs half a second.
      const issuer = request.issuerId === null ? null : issuerWith(request.issuerId)
      const keys = await makeKeyPair(request.spec.keyAlgorithm)
      const der = await buildCertificate(
        request.spec,
        keys.publicKey,
        issuer ?? { selfSigned: keys.privateKey },
      )
      const certificate = new Uint8Array(der)
      if (request.keepAs) issuers.set(request.keepAs, issuerOf(certificate, keys.privateKey))
      return { certificate, privateKey: privateKeyBytes(keys.privateKey) }
    }
    case 'issueFor': {
      const der = await buildCertificate(request.spec, request.publicKey, issuerWith(request.issuerId))
      return { certificate: new Uint8Array(der) }
    }
    case 'signCrl': {
      const issuer = issuerWith(request.issuerId)
      const name = new Uint8Array(issuer.name.toArrayBuffer())
      const keyId = Buffer.from(issuer.keyId, 'hex')
      return { der: new Uint8Array(signCrl(request.content, { name, keyId, privateKey: issuer.privateKey })) }
    }
    case 'selfTest':
      await runCryptoSelfTest(request.now)
      return null
    default:
      return assertNever(request)
  }
}

class IssuerMissing extends Error {
  readonly issuerId: string

  constructor(issuerId: string) {
    super(`Issuer ${issuerId} is not loaded`)
    this.issuerId = issuerId
  }
}

function issuerWith(id: string): Issuer {
  const issuer = issuers.get(id)
  if (!issuer) throw new IssuerMissing(id)
  return issuer
}

function reply(message: SignerReply, answer?: SignerAnswers[keyof SignerAnswers]): void {
  const moved = answer ? Object.values(answer).map((bytes: Uint8Array<ArrayBuffer>) => bytes.buffer) : []
  parentPort?.postMessage(message, moved)
}
