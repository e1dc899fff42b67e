import { X509Certificate } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { buildCertificate } from './certificate-builder.ts'
import { makeKeyPair, privateKeyBytes } from './key-pair.ts'
import { deviceRootSpec, gatewaySpec, temporaryWebSpec } from './profile.ts'
import { runCryptoSelfTest } from './self-test.ts'
import { Signer, spawnSigner } from './signer.ts'

const now = Date.UTC(2026, 5, 1)
let signer: Signer
afterEach(() => signer.stop())

/** A CA outside the signer, as the store would hold it. */
async function makeAuthority() {
  const keys = await makeKeyPair('EC P-384')
  const spec = deviceRootSpec('Test')
  const certificate = new Uint8Array(
    await buildCertificate(spec, keys.publicKey, { selfSigned: keys.privateKey }),
  )
  const open = () => ({
    certificate: new Uint8Array(certificate),
    privateKey: privateKeyBytes(keys.privateKey),
  })
  return { certificate: new X509Certificate(certificate), spec, open }
}

test('asks for a CA key once, however many wait for it, and drops it when told', async () => {
  const ca = await makeAuthority()
  let opened = 0
  signer = new Signer({ openIssuer: async () => (opened++, ca.open()) })
  signer.start()
  const issue = () =>
    signer.issue(gatewaySpec({ gatewayId: 'g', mac: null }, 'EC P-256', ca.spec, now, []), 'ca')
  const issued = await Promise.all(Array.from({ length: 50 }, issue))
  expect(opened).toBe(1)
  expect(
    issued.every(({ certificate }) => new X509Certificate(certificate).verify(ca.certificate.publicKey)),
  ).toBe(true)
  await signer.forgetIssuer('ca')
  await issue()
  expect(opened).toBe(2)
})

test('a thread that dies is replaced, with its CA keys; what waited is done', async () => {
  const ca = await makeAuthority()
  const restarts: string[] = []
  const threads: Worker[] = []
  let opened = 0
  signer = new Signer({
    openIssuer: async () => (opened++, ca.open()),
    onRestarted: (cause) => restarts.push(cause),
    spawn: () => {
      const thread = spawnSigner()
      threads.push(thread)
      return thread
    },
  })
  signer.start()
  const spec = () => gatewaySpec({ gatewayId: 'g', mac: null }, 'RSA 2048', ca.spec, now, [])
  await signer.issue(spec(), 'ca')
  const waiting = Promise.all([signer.issue(spec(), 'ca'), signer.issue(spec(), 'ca')])
  await threads[0]?.terminate()
  for (const { certificate } of await waiting)
    expect(new X509Certificate(certificate).verify(ca.certificate.publicKey)).toBe(true)
  expect(restarts).toHaveLength(1)
  expect(opened).toBe(2)
})

test('a request that cannot be done is refused, the next is served', async () => {
  const ca = await makeAuthority()
  signer = new Signer({
    openIssuer: async (id) => {
      if (id === 'ca') return ca.open()
      throw new ExpectedError('data_damaged', { file: 'x', cause: 'y' })
    },
  })
  signer.start()
  const spec = gatewaySpec({ gatewayId: 'g', mac: null }, 'EC P-256', ca.spec, now, [])
  await expect(signer.issue(spec, 'unknown')).rejects.toMatchObject({ code: 'data_damaged' })
  await expect(signer.issue({ ...spec, notAfter: ca.spec.notAfter + 1000 }, 'ca')).rejects.toThrow(
    'outlive its issuer',
  )
  await signer.issue(spec, 'ca')
})

test('a request that kills every thread is given up after the second', async () => {
  let spawned = 0
  signer = new Signer({
    openIssuer: () => Promise.reject(new Error('none')),
    spawn: () => {
      const thread = spawnSigner()
      if (spawned++ < 2) thread.once('online', () => void thread.terminate())
      return thread
    },
  })
  signer.start()
  await expect(signer.issue(temporaryWebSpec(['localhost'], now), null)).rejects.toThrow(
    'The signing thread died',
  )
  await signer.issue(temporaryWebSpec(['localhost'], now), null)
  expect(spawned).toBe(3)
})

test('after stop everything is refused', async () => {
  signer = new Signer({ openIssuer: () => Promise.reject(new Error('none')) })
  signer.start()
  const [waiting] = await Promise.allSettled([
    signer.issue(temporaryWebSpec(['localhost'], now), null),
    signer.stop(),
  ])
  expect(waiting).toMatchObject({ status: 'rejected', reason: { code: 'site_stopping' } })
  await expect(signer.selfTest(now)).rejects.toMatchObject({ code: 'site_stopping' })
})

test('the self-test passes here, in the thread too, and names what fails', async () => {
  signer = new Signer({ openIssuer: () => Promise.reject(new Error('none')) })
  signer.start()
  await signer.selfTest(now)
  await runCryptoSelfTest(now)
  const failing = runCryptoSelfTest(now, { 'SHA-256': () => true, 'ECDSA P-256': () => false })
  await expect(failing).rejects.toMatchObject({
    code: 'crypto_self_test_failed',
    data: { test: 'ECDSA P-256' },
  })
  const throwing = runCryptoSelfTest(now, { RSA: () => Promise.reject(new Error('not supported')) })
  await expect(throwing).rejects.toMatchObject({ code: 'crypto_self_test_failed', data: { test: 'RSA' } })
})
