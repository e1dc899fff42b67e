import { SlugSchema } from '#contract/model/ids.ts'

/** What is wrong with a typed short name; nothing typed is fine, for then one is made. */
export function slugProblem(slug: string): 'slugInvalid' | null {
  const text = slug.trim()
  return text === '' || SlugSchema.safeParse(text).success ? null : 'slugInvalid'
}
