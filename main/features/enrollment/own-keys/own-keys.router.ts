import type { Procedures } from '#features/access/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { BrokerDirectory } from '../broker-directory.ts'
import type { BindService } from './bind.service.ts'
import type { SignCsrService } from './sign-csr.service.ts'

export interface OwnKeysRouterDependencies {
  fleet: FleetService
  pki: Pki
  bind: BindService
  sign: SignCsrService
  directory: BrokerDirectory
}

export function createOwnKeysRouter({ gateways }: Procedures, dependencies: OwnKeysRouterDependencies) {
  const { fleet, pki, bind, sign, directory } = dependencies
  return {
    bindBox: gateways.bindBox.handler(async ({ input, context }) => {
      const { actor, scope, audit } = context
      return fleet.view(await bind.bind({ actor, scope }, input, audit), scope)
    }),
    resendBind: gateways.resendBind.handler(async ({ input, context }) =>
      fleet.view(await bind.resend(context.scope, input, context.audit), context.scope),
    ),
    signCsr: gateways.signCsr.handler(async ({ input, context }) => {
      const { gateway, issued, qr } = await sign.sign(context.scope, input, context.audit)
      return {
        gateway_id: gateway.id,
        mac_address: gateway.mac,
        code: gateway.code,
        label: gateway.label,
        certificate_pem: issued.certificatePem,
        ca_pem: await pki.caPem(),
        expires_at: new Date(issued.notAfter),
        serial_number: issued.serial,
        mqtt_broker: directory.hosts()[0] ?? 'localhost',
        mqtt_port: directory.portFor(gateway.credential),
        mqtt_client_id: directory.clientIdOf(gateway),
        mqtt_topic: directory.topicsOf(gateway)['telemetry'] ?? '',
        qr,
      }
    }),
  }
}
