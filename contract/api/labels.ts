import * as z from 'zod'
import { base, errors } from '../base.ts'
import { GatewayStateSchema } from '../model/gateway.ts'
import {
  LABELS_MOST,
  LabelSizeNameSchema,
  labelContents,
  labelFormats,
  labelResolutions,
} from '../model/label.ts'
import { GroupRefSchema } from './groups.ts'

const mm = z.number()

/** Of which gateways, and how they stand on the paper. */
const LayoutSchema = z.object({
  gateways: z.array(z.string().min(1).max(64)).min(1).max(LABELS_MOST).optional(),
  size: LabelSizeNameSchema.default('a4-24'),
  qr: z.enum(labelContents).default('label').describe('What the QR code holds'),
  copies: z.coerce.number().int().min(1).max(100).default(1).describe('Of each gateway'),
  start: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(1)
    .describe('Of a sheet that was begun: the first free label, counted in rows'),
})

export const labels = {
  sizes: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/labels/sizes',
      tags: ['Labels'],
      summary: 'Sizes that labels are made in, mm',
    })
    .output(
      z.object({
        sizes: z.array(
          z.object({
            name: LabelSizeNameSchema,
            product: z.string(),
            kind: z.enum(['sheet', 'roll']),
            width: mm,
            height: mm,
            /** Labels on one sheet; 1 on a roll. */
            labels: z.number().int(),
          }),
        ),
      }),
    ),
  make: base
    .meta({ access: 'gateways:read', audit: 'label.make' })
    .route({
      method: 'POST',
      path: '/labels',
      tags: ['Labels'],
      summary: 'Labels of gateways, with QR code and text, as one file',
      description:
        'Name gateways by code or id, in the order of printing; or leave them out and filter by tenant, group, state and search: all that match, by code. `zpl` is for rolls.',
    })
    .errors(
      errors(
        'not_found',
        'tenant_unknown',
        'labels_none',
        'labels_too_many',
        'label_too_small',
        'label_format_unfit',
      ),
    )
    .input(
      LayoutSchema.extend({
        tenant: z.string().max(64).optional(),
        group: GroupRefSchema.optional(),
        state: GatewayStateSchema.optional(),
        search: z.string().max(100).optional(),
        format: z.enum(labelFormats).default('pdf'),
        resolution: z.literal(labelResolutions).default(203).describe('Of `zpl`: dots an inch'),
      }),
    )
    .output(z.file()),
  /** A picture of the first sheet, before anything is made. */
  preview: base
    .meta({ access: 'gateways:read' })
    .errors(errors('not_found', 'labels_none', 'labels_too_many', 'label_too_small'))
    .input(LayoutSchema.required({ gateways: true }))
    .output(z.object({ svg: z.string() })),
}
