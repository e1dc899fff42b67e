import type { AnyContractRouter } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import type { Router } from '@orpc/server'
import { RPCHandler as FastifyRpcHandler } from '@orpc/server/fastify'
import { RPCHandler as PortRpcHandler } from '@orpc/server/message-port'
import { RPCHandler as WsRpcHandler } from '@orpc/server/ws'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { contract } from '#contract/contract.ts'
import type { RequestContext } from '#features/access/index.ts'

export const REST_PREFIX = '/api/v1'
export const RPC_PREFIX = '/rpc'

/** The one router on every transport. */
export interface Api {
  rpc: FastifyRpcHandler<RequestContext>
  rest: OpenAPIHandler<RequestContext>
  socket: WsRpcHandler<RequestContext>
  port: PortRpcHandler<RequestContext>
}

export function createApi(router: Router<AnyContractRouter, RequestContext>): Api {
  return {
    rpc: new FastifyRpcHandler(router),
    // Procedures without a path are for the UI: live streams that REST has no use for.
    rest: new OpenAPIHandler(router, {
      filter: ({ contract }) => contract['~orpc'].route.path !== undefined,
    }),
    socket: new WsRpcHandler(router),
    port: new PortRpcHandler(router),
  }
}

/** The OpenAPI 3.1 description of the REST procedures. */
export function describeApi(version: string): Promise<object> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  return generator.generate(contract as AnyContractRouter, {
    filter: ({ contract }) => contract['~orpc'].route.path !== undefined,
    info: {
      title: 'Millwright',
      version,
      description:
        'Gateways, certificates and readings of one site. Programs send an API key, or an access token of POST /auth/login, as bearer token; pages sign in with POST /auth/session, which sets the session cookie.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: REST_PREFIX }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key (mwk_…) or an access token' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-millwright' },
      },
    },
    security: [{ bearer: [] }, { session: [] }],
  })
}
