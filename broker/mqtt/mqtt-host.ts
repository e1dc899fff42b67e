import { setImmediate as turn } from 'node:timers/promises'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { MessagePort } from 'node:worker_threads'
import type { ConnectPacket } from 'aedes'
import { Policy } from '#broker/auth/policy.ts'
import { RefusalLog, type Refused } from '#broker/events/refusal-log.ts'
import { SeenGateways } from '#broker/events/seen-gateways.ts'
import { IngestQueue } from '#broker/ingest/ingest-queue.ts'
import { Telemetry } from '#broker/ingest/telemetry.ts'
import { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type {
  BrokerAddresses,
  BrokerEvent,
  BrokerLimits,
  BrokerStats,
  PolicyChange,
  ServerCredentials,
  SiteMessage,
} from '#broker/port.ts'
import { Admission } from '#broker/server/admission.ts'
import { FrontGate } from '#broker/server/front-gate.ts'
import { MqttsListener, rawSocket } from '#broker/server/mqtts-listener.ts'
import { inspectPeer } from '#broker/server/peer-certificate.ts'
import { PlainListener } from '#broker/server/plain-listener.ts'
import { Acknowledger } from '#broker/sessions/acknowledger.ts'
import { bindSession, Session, sessionOf } from '#broker/sessions/session.ts'
import type { BrokerStart } from '#broker/worker/protocol.ts'
import { guardParser, startAedes } from './aedes-broker.ts'
import type { AedesBroker, AedesClient } from './aedes-internals.ts'
import { checkConnect, connack } from './connect-check.ts'
import { MessageIntake } from './message-intake.ts'
import { SessionWatch } from './session-watch.ts'
import { SiteMessages } from './site-messages.ts'
import { SubscriptionCheck } from './subscription-check.ts'
