import * as z from 'zod'
import { base, errors } from '../base.ts'

const CodeSchema = z
  .string()
  .max(64)
  .describe('The one-time code from the console; empty on the desktop and over the local socket')

/** Three questions make a site: its name, its administrator, the addresses it serves. */
export const setup = {
  status: base
    .meta({ access: 'public' })
    .route({ method: 'GET', path: '/setup', tags: ['Setup'], summary: 'Whether the site is set up' })
    .output(
      z.object({
        done: z.boolean(),
        siteName: z.string().nullable(),
        version: z.string(),
        /** Whether this caller must give the console's one-time code. */
        codeRequired: z.boolean(),
        /** Signed in without a password: the throw-away demo site. */
        demo: z.boolean(),
      }),
    ),
  /** Checks the code early, so that the wizard refuses it at its first question, and lists this machine's addresses. */
  begin: base
    .meta({ access: 'public' })
    .errors(errors('setup_code_wrong', 'setup_done', 'too_many_requests'))
    .input(z.object({ code: CodeSchema }))
    .output(
      z.object({
        hostName: z.string(),
        addresses: z.array(
          z.object({ address: z.string(), interface: z.string(), kind: z.enum(['lan', 'loopback']) }),
        ),
      }),
    ),
  complete: base
    .meta({ access: 'public', audit: 'site.setup' })
    .route({ method: 'POST', path: '/setup', tags: ['Setup'], summary: 'Set the site up' })
    .errors(
      errors(
        'setup_code_wrong',
        'setup_done',
        'too_many_requests',
        'password_too_short',
        'password_too_common',
        'email_invalid',
        'address_invalid',
      ),
    )
    .input(
      z.object({
        code: CodeSchema,
        siteName: z.string().trim().min(1).max(100),
        admin: z.object({
          email: z.string().max(254),
          name: z.string().trim().max(100).optional(),
          password: z.string().max(1024),
        }),
        addresses: z.array(z.string()).min(1).max(16),
        names: z.array(z.string()).max(16).default([]),
      }),
    )
    .output(
      z.object({
        siteName: z.string(),
        recoveryCode: z.string(),
        caFingerprint: z.string(),
        webCaFingerprint: z.string(),
        /** The site is set up, but could not begin to serve, as where a port is in use: what is in the way. */
        startFailure: z.string().nullable(),
      }),
    ),
}
