const YEAR = 365.25 * 24 * 60 * 60_000

/** When to renew, ms: two years before expiry, or at two thirds of lives under six years. */
export function renewalDueAt(notBefore: number, notAfter: number): number {
  const life = notAfter - notBefore
  return life < 6 * YEAR ? notBefore + (life * 2) / 3 : notAfter - 2 * YEAR
}

/** The same for a gateway's certificate, whose life is ten years, from its end alone. */
export function gatewayRenewalDueAt(notAfter: number): number {
  return notAfter - 2 * YEAR
}
