import type { Examination } from '#contract/model/doctor.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { Case } from './case.ts'
import { checksOf } from './checks.ts'
import { findAll } from './find.ts'
import { Gather, type GatherDependencies } from './gather.ts'
import { readSubject } from './subject.ts'

/** Why something is not connected. */
export class DoctorService {
  readonly #dependencies: GatherDependencies
  readonly #gather: Gather

  constructor(dependencies: GatherDependencies) {
    this.#dependencies = dependencies
    this.#gather = new Gather(dependencies)
  }

  /** @throws ExpectedError `tenant_unknown` */
  async examine(
    scope: TenantScope,
    { subject: given, tenant }: { subject: string; tenant?: string | undefined },
  ): Promise<Examination> {
    const { fleet, state } = this.#dependencies
    const tenantId = tenant === undefined ? null : await fleet.tenantId(scope, tenant)
    const subject = readSubject(given, state, { scope, tenantId })
    const about = await this.#gather.about(subject, given, scope)
    const findings = findAll(about)
    return {
      at: new Date(about.now),
      subject: viewOf(about),
      healthy: !findings.some(
        ({ severity, confidence }) => severity === 'trouble' && confidence !== 'possible',
      ),
      findings,
      checks: checksOf(about, findings),
    }
  }
}

function viewOf({ kind, given, subject, gateway, lastAddress, connection }: Case): Examination['subject'] {
  return {
    kind,
    given,
    name: subject,
    address: connection?.address ?? lastAddress,
    gateway: gateway && {
      id: gateway.id,
      code: gateway.code,
      name: gateway.name,
      label: gateway.label,
      mac: gateway.mac,
      tenant: gateway.tenantName,
      state: gateway.state,
      online: connection !== null,
    },
  }
}
