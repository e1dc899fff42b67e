import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'

/** Bytes of what a box says. */
export const BOX_BODY = 4 * 1024

/** Text that a box says of itself: shown to people, so without anything that could steer what shows it. */
export const SaidSchema = z
  .string()
  .trim()
  .max(64)
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'use text without control characters')
  .nullish()
  .transform((text) => text || null)

/** As printed on a box, or burned into its firmware. */
export const BoxLabelSchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/, 'use 3 to 64 letters, digits, dots, dashes or underscores')

/** @throws ExpectedError `input_invalid` */
export function readSaid<Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> {
  const found = schema.safeParse(given ?? {})
  if (!found.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(found.error) })
  return found.data
}

/** @throws ExpectedError `mac_invalid` */
export function readMac(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === '') return null
  const mac = normalizeMac(text)
  if (mac === null) throw new ExpectedError('mac_invalid', { mac: text })
  return mac
}

/** Where a request came from, as the audit has it. */
export function originOf(request: FastifyRequest): { address: string; requestId: string; path: string } {
  const path = request.url.split('?')[0]?.slice(0, 200) ?? ''
  return { address: request.ip, requestId: request.id, path }
}
