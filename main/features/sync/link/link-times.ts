/** What the link waits for, ms; tests have shorter ones. */
export interface LinkTimes {
  /** How often it is looked whether something is to be done that nobody tells of. */
  look: number
  /** At least this often the fleet is exchanged, in case a notification was lost. */
  exchange: number
  /** Between two exchanges, however many notifications come: a thousand sites hear of each other's changes. */
  pace: number
  /** How often the cloud is told that this site is there, and how it is. */
  heartbeat: number
  /** A server that owes an answer and says nothing for so long counts as gone. */
  silence: number
  connectTimeout: number
}

export const defaultLinkTimes: LinkTimes = {
  look: 1_000,
  exchange: 60_000,
  pace: 1_000,
  heartbeat: 30_000,
  silence: 60_000,
  connectTimeout: 10_000,
}
