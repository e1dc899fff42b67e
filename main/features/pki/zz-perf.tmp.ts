import { buildCertificate, issuerOf } from './certificate-builder.ts'
import { makeKeyPair, privateKeyBytes } from './key-pair.ts'
import { deviceRootSpec, gatewaySpec } from './profile.ts'
const now = Date.now()
const ca = await makeKeyPair('EC P-256')
const spec = { ...deviceRootSpec('x'), keyAlgorithm: 'EC P-256' as const }
const der = new Uint8Array(await buildCertificate(spec, ca.publicKey, { selfSigned: ca.privateKey }))
const issuer = issuerOf(der, ca.privateKey)
for (let round = 0; round < 5; round++) {
  let tk = 0, tb = 0; const c0 = process.cpuUsage()
  for (let i = 0; i < 300; i++) {
    let t = performance.now(); const k = await makeKeyPair('EC P-256'); privateKeyBytes(k.privateKey); tk += performance.now() - t
    t = performance.now(); await buildCertificate(gatewaySpec({ gatewayId: 'g', mac: 'aa:bb:cc:dd:ee:ff' }, 'EC P-256', spec, now, []), k.publicKey, issuer); tb += performance.now() - t
  }
  const c = process.cpuUsage(c0); console.log('cpu/op', ((c.user + c.system) / 300e3).toFixed(2), 'key', (tk / 300).toFixed(2), 'build', (tb / 300).toFixed(2))
}
