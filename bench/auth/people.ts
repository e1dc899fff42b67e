import type { RestClient } from '#client/rest-client.ts'
import { Person } from './person.ts'

export const PASSWORD = 'a bench of quiet turbines'

export const people = {
  admin: 'bench@example.com',
  adminPassword: 'throw-away benchmark site',
  /** What a screen asks for; another in each round. */
  read(round: number, gateways: number): string {
    const code = `B${String((round % gateways) + 1).padStart(6, '0')}`
    switch (round % 5) {
      case 0:
        return '/api/v1/gateways?limit=100'
      case 1:
        return `/api/v1/gateways/${code}`
      case 2:
        return `/api/v1/telemetry/latest?gateway=${code}`
      case 3:
        return `/api/v1/telemetry/query?gateway=${code}&from=${Date.now() - 3_600_000}&buckets=1000`
      default:
        return '/api/v1/overview'
    }
  },
}

/** People who were invited, chose a password and signed in with their own program. */
export async function makePeople(client: RestClient, origin: string, count: number) {
  const made: { email: string; person: Person }[] = []
  for (let index = 0; index < count; index++) {
    const email = `person-${index}@example.com`
    const { entry } = await client.users.invite({ email, role: 'viewer', reach: 'tenant', how: 'link' })
    const token = new URL(entry.link ?? '').hash.slice(1)
    await client.users.accept({ token, name: `Person ${index}`, password: PASSWORD })
    const person = new Person(origin, index)
    const { body } = await person.send('POST', '/api/v1/auth/login', { email, password: PASSWORD })
    person.token = (JSON.parse(body) as { access_token: string }).access_token
    made.push({ email, person })
  }
  return made
}
