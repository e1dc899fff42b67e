/** Names of parameters whose place in a path holds a secret. */
const SECRET = /\{[^}]*(token|secret|code|key)[^}]*\}|:\w*(token|secret|code|key)\w*/i

/**
 * What the audit keeps of what was called: the path as it came, without the query; where a part of it is a secret, as in
 * an invitation's link, the path's template. What has no path of its own is named as RPC calls it.
 *
 * @example auditedPath('/api/v1/gateways/GW001/suspend', '/gateways/{gateway}/suspend', ['gateways', 'suspend'])
 */
export function auditedPath(
  given: string | undefined,
  template: string | undefined,
  procedure: readonly string[],
): string {
  if (given === undefined) return `/rpc/${procedure.join('/')}`
  return template !== undefined && SECRET.test(template) && !given.startsWith('/rpc/')
    ? `/api/v1${template}`
    : given
}
