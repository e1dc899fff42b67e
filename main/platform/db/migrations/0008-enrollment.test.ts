import { createHash, X509Certificate } from 'node:crypto'
import 'reflect-metadata'
import { X509CertificateGenerator } from '@peculiar/x509'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import { migrations } from './index.ts'

test('a site of the version before keeps its gateways and hand-overs, and knows whose every key is', async () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('foreign_keys = OFF')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  const { '0008-enrollment': enrollment } = migrations
  for (const [name, { up }] of Object.entries(migrations)) if (name < '0008-enrollment') await up(db)
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const { rawData } = await X509CertificateGenerator.createSelfSigned({ keys, name: 'CN=gateway' })
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(rawData).toString('base64')}\n-----END CERTIFICATE-----\n`
  const certificate = sqlite.prepare(
    `insert into certificates (id, kind, gatewayId, serial, subject, keyAlgorithm, fingerprint, pem, notBefore, notAfter, state, createdAt)
     values (?, 'gateway', 'g', ?, '', 'EC P-256', ?, ?, 1, 2, 'active', 1)`,
  )
  certificate.run('c', 's1', 'f1', pem)
  // Of a gateway that was erased only its serial number is left.
  certificate.run('erased', 's2', 'f2', '')
  sqlite
    .prepare(
      `insert into handovers (certificateId, gatewayId, sealedSecretId, createdAt, expiresAt, fetchCount) values ('c', 'g', 'c', 1, 2, 3)`,
    )
    .run()
  await enrollment?.up(db)
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  expect(sqlite.prepare('select id, publicKeyHash from certificates order by id').all()).toEqual([
    { id: 'c', publicKeyHash: createHash('sha256').update(spki).digest('hex') },
    { id: 'erased', publicKeyHash: null },
  ])
  expect(sqlite.prepare('select credentialId, kind, fetchCount from handovers').all()).toEqual([
    { credentialId: 'c', kind: 'key', fetchCount: 3 },
  ])
  sqlite.close()
})
