import * as z from 'zod'

/**
 * What proving the audit can find. `changed`: an entry is not what was written, or its link is not; also where entries
 * changed places. `missing`: entries before this one are gone. `personal_changed`, `personal_missing`: the name, address
 * or personal details of an entry were replaced, or taken away without an erasure that the audit holds.
 * `checkpoint_changed`, `checkpoint_missing`: where retention cut is not proved. `truncated`: the newest entries are gone.
 * `head_differs`: an entry is not the one that was sealed. `head_missing`, `head_changed`: the sealed head is gone, or not
 * what the site wrote. `recorded`: the site itself found one of the last four at a start, and wrote this entry.
 */
export const auditFindingKinds = [
  'changed',
  'missing',
  'personal_changed',
  'personal_missing',
  'checkpoint_changed',
  'checkpoint_missing',
  'truncated',
  'head_differs',
  'head_missing',
  'head_changed',
  'recorded',
] as const
export type AuditFindingKind = (typeof auditFindingKinds)[number]

export const AuditFindingSchema = z.object({
  kind: z.enum(auditFindingKinds),
  /** The entry, or the first of several. Null where it is about none. */
  seq: z.number().int().nullable(),
  /** The last of several; `seq` where it is one. */
  toSeq: z.number().int().nullable(),
})
export type AuditFinding = z.infer<typeof AuditFindingSchema>

export const AuditReportSchema = z.object({
  sound: z.boolean(),
  /** How many entries there are, and the numbers of the first and the last; 0 where there are none. */
  entries: z.number().int(),
  firstSeq: z.number().int(),
  lastSeq: z.number().int(),
  /** The link of the last one, hex: whoever keeps it elsewhere can compare. */
  chain: z.string(),
  /** Where retention cut: entries up to `seq` were cut at `at`, ms. */
  checkpoint: z.object({ seq: z.number().int(), entries: z.number().int(), at: z.number() }).nullable(),
  /** How far the sealed head reaches; null where it is not there or not the site's. */
  sealedSeq: z.number().int().nullable(),
  /** Entries whose personal part was erased on request. */
  erased: z.number().int(),
  /** What is wrong, in order; the first hundred. */
  findings: z.array(AuditFindingSchema),
  found: z.number().int(),
})
export type AuditReport = z.infer<typeof AuditReportSchema>
