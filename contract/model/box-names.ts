import * as z from 'zod'

/** What a box calls itself, or is called on its QR code: one level of a topic. A MAC is taken in any spelling. */
export const DeviceIdSchema = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
    'use 1 to 64 letters, digits, dots, dashes, colons or underscores',
  )

/** SHA-256, as tools write it: 64 hex digits, or with colons between them. Becomes lower case without colons. */
export const FingerprintSchema = z
  .string()
  .trim()
  .max(100)
  .transform((text) => text.replaceAll(':', '').toLowerCase())
  .pipe(z.string().regex(/^[0-9a-f]{64}$/, 'use the 64 hex digits of a SHA-256'))

/** What the QR code of a box with its own key holds (002). */
export const BindCodeSchema = z.object({
  deviceId: DeviceIdSchema,
  fingerprint: FingerprintSchema.describe(
    'SHA-256 of the public key (DER SubjectPublicKeyInfo); of the certificate where it was signed before',
  ),
  publicKey: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .optional()
    .describe('PEM or base64 of the SubjectPublicKeyInfo, or the point of an EC key in hex or base64'),
})
export type BindCode = z.infer<typeof BindCodeSchema>
