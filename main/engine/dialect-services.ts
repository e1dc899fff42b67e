import { builtInDialects, DialectBook } from '#broker/dialects/dialect-book.ts'
import { clientIdFor } from '#broker/dialects/dialects.ts'
import { DialectTrial, type Tried } from '#broker/dialects/try-dialect.ts'
import { defaultBrokerLimits } from '#broker/port.ts'
import type { TriedMessage } from '#contract/api/dialects.ts'
import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import { createDialectsRouter, DialectsService, type DialectTools } from '#features/dialects/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { BrokerPolicy } from './broker-link.ts'
import { requireNoConflicts } from './dialect-conflicts.ts'
import { namedGateway, requireNames } from './gateway-names.ts'

export interface DialectServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  fleet: FleetService
  policy: Pick<BrokerPolicy, 'applyPolicy'>
}

/** Dialects, and what follows from them for the names of gateways. */
export function createDialectServices(dependencies: DialectServicesDependencies, procedures: Procedures) {
  const book = new DialectBook()
  const service = new DialectsService({ ...dependencies, tools: toolsOf(book) })
  const router = createDialectsRouter(procedures, {
    service,
    played: async (scope, reference) => namedGateway(await dependencies.fleet.find(scope, reference)),
  })
  const naming = {
    requireDialect: (name: string): void => service.requireDialect(name),
    requireNames: (trx: SiteTrx, gatewayIds: readonly string[]) => requireNames(trx, book, gatewayIds),
  }
  return { book, service, router, naming }
}

export type DialectServices = ReturnType<typeof createDialectServices>

function toolsOf(book: DialectBook): DialectTools {
  return {
    builtIn: builtInDialects,
    put: (definition) => book.put(definition),
    remove: (name) => book.remove(name),
    requireNoConflicts: (trx, definition) => requireNoConflicts(trx, book, definition),
    tryOut: (definition, as, messages) => {
      const trial = new DialectTrial(definition, as, book)
      return {
        rights: trial.rights,
        clientId: clientIdFor(trial.dialect, as),
        results: messages.map((message) => shown(trial.send(message, defaultBrokerLimits))),
      }
    },
  }
}

/** As the contract has it. */
function shown(tried: Tried): TriedMessage {
  if (tried.verdict !== 'readings') return tried
  return {
    ...tried,
    readings: tried.readings.map(({ channel, value, unit, ts }) => ({ channel, value, unit, ts })),
  }
}
