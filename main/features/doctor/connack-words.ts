/** MQTT 3.1.1 3.2.2.3 */
const returnCodes: Readonly<Record<number, string>> = {
  1: 'the MQTT version is not spoken',
  2: 'the client id is refused',
  3: 'the messages of this hour are used up',
  4: 'user name or password is wrong',
  5: 'not authorized',
}

/** What went wrong, with the return code of a CONNACK in words. */
export function connackWords(error: Error & { code?: unknown }): string {
  const { code } = error
  if (typeof code !== 'number') return error.message
  return `refused with return code ${code}: ${returnCodes[code] ?? error.message}`
}
