import { ExpectedError } from '#contract/errors.ts'
import { CHANNELS_ASKED_MAX, type Quantity } from '#contract/model/telemetry-query.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { CalculatedChannel, CalculatedChannels } from '../calculated-channels.ts'
import type { LiveChannel } from '../channel-registry.ts'
import type { TelemetryService } from '../telemetry.service.ts'

/** What a query is about. */
export type Subject =
  | { kind: 'channel'; channel: LiveChannel; quantity: Quantity }
  | { kind: 'calculation'; calculation: CalculatedChannel; quantity: Quantity }

export interface SubjectsReference {
  gateway?: string | undefined
  tenant?: string | undefined
  channel?: string | string[] | undefined
}

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Finds what people name: channels by key, name or id, calculations as `=name` or by id. */
export class Subjects {
  readonly #service: TelemetryService
  readonly #calculations: CalculatedChannels

  constructor(service: TelemetryService, calculations: CalculatedChannels) {
    this.#service = service
    this.#calculations = calculations
  }

  /** Those of a query, in its order, each once. @throws ExpectedError `not_found`, `tenant_unknown`, `range_invalid` */
  async find(scope: TenantScope, reference: SubjectsReference): Promise<Subject[]> {
    const { gateway, tenant, channel } = reference
    if (channel === undefined) {
      if (gateway === undefined)
        throw new ExpectedError('not_found', { what: 'channel', id: '(say which channel or gateway)' })
      return [this.#ofChannel(await this.#service.channelOf(scope, { gateway, tenant }))]
    }
    const names = [...new Set(typeof channel === 'string' ? [channel] : channel)]
    if (names.length > CHANNELS_ASKED_MAX)
      throw new ExpectedError('range_invalid', { cause: `at most ${CHANNELS_ASKED_MAX} channels at once` })
    const found: Subject[] = []
    for (const name of names) found.push(await this.#one(scope, { gateway, tenant }, name))
    return found.filter(
      ({ quantity }, index) => found.findIndex((other) => other.quantity.id === quantity.id) === index,
    )
  }

  /** @throws ExpectedError `not_found`, also out of scope */
  byId(scope: TenantScope, id: string): Subject {
    const calculation = this.#calculations.byId(scope, id)
    return calculation ? ofCalculation(calculation) : this.#ofChannel(this.#service.channel(scope, id))
  }

  async #one(scope: TenantScope, of: Omit<SubjectsReference, 'channel'>, name: string): Promise<Subject> {
    const { gateway, tenant } = of
    if (name.startsWith('=')) return this.#calculation(scope, of, name.slice(1).trim())
    if (gateway !== undefined) {
      const calculation = ID.test(name) ? this.#calculations.byId(scope, name) : undefined
      if (calculation) return ofCalculation(calculation)
      return this.#ofChannel(await this.#service.channelOf(scope, { gateway, tenant, channel: name }))
    }
    if (ID.test(name)) return this.byId(scope, name.toLowerCase())
    throw new ExpectedError('not_found', { what: 'channel', id: `${name}: say of which gateway` })
  }

  async #calculation(
    scope: TenantScope,
    of: Omit<SubjectsReference, 'channel'>,
    name: string,
  ): Promise<Subject> {
    const tenantId = await this.#service.tenantOf(scope, of)
    const calculation = this.#calculations.byName(scope, tenantId, name)
    if (!calculation) throw new ExpectedError('not_found', { what: 'calculation', id: `=${name}` })
    return ofCalculation(calculation)
  }

  #ofChannel(channel: LiveChannel): Subject {
    const { id, gatewayCode, key, name, unit, kind } = this.#service.view(channel)
    return {
      kind: 'channel',
      channel,
      quantity: { id, gateway: gatewayCode, channel: key, name, unit, kind },
    }
  }
}

function ofCalculation(calculation: CalculatedChannel): Subject {
  const { id, name, unit } = calculation
  return {
    kind: 'calculation',
    calculation,
    quantity: { id, gateway: null, channel: null, name, unit, kind: 'number' },
  }
}
