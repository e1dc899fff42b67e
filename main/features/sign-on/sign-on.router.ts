import type { Procedures } from '#features/access/index.ts'
import type { ProvidersService } from './providers.service.ts'

export function createSignOnRouter({ signOn }: Procedures, providers: ProvidersService) {
  return {
    // A desktop's window has no address that a provider could send it back to.
    providers: signOn.providers.handler(async ({ context }) => ({
      providers: context.request.transport === 'port' ? [] : await providers.enabled(),
    })),
    list: signOn.list.handler(async () => ({ providers: await providers.list() })),
    create: signOn.create.handler(({ input, context }) => providers.create(input, context.audit)),
    update: signOn.update.handler(({ input: { providerId, ...changes }, context }) =>
      providers.update(providerId, defined(changes), context.audit),
    ),
    delete: signOn.delete.handler(({ input, context }) => providers.delete(input.providerId, context.audit)),
    test: signOn.test.handler(({ input, context }) => {
      context.audit.about('sign_on_provider', 'test', null, {
        issuer: input.issuer,
        destinations: input.destinations,
      })
      return providers.test(input)
    }),
  }
}

/** Without what is undefined: left out means unchanged. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
