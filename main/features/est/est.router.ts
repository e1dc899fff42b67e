import type { Procedures } from '#features/access/index.ts'
import type { EstPasswordsService } from './est-passwords.service.ts'

export function createEstRouter(
  { est }: Procedures,
  { passwords, url }: { passwords: EstPasswordsService; url(): string },
) {
  return {
    list: est.list.handler(async ({ input, context }) => ({
      passwords: await passwords.list(context.scope, input?.tenant),
    })),
    createPassword: est.createPassword.handler(async ({ input, context }) => {
      const { username, password, expiresAt } = await passwords.create(context.scope, input, context.audit)
      return { username, password, expires_at: new Date(expiresAt), url: url() }
    }),
    removePassword: est.removePassword.handler(async ({ input, context }) => {
      await passwords.remove(context.scope, input.username, context.audit)
      return { removed: true as const }
    }),
  }
}
