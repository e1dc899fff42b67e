/**
 * The record of the MQTT client that a session is of: it is kept under `<record>/<id as sent>`. Null for a gateway's, which
 * is kept under its wire name.
 */
export function recordOf(sessionId: string): string | null {
  const slash = sessionId.indexOf('/')
  return slash === -1 ? null : sessionId.slice(0, slash)
}
