/** How long a board may take; ms. */
export interface CallTiming {
  /** For one answer. */
  answer: number
  /** How often a question is asked again of a board that does not answer yet: it may be starting. */
  tries: number
}

/** Settles with `work`, or with undefined after `ms`. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
