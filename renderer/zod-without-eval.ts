import { config } from 'zod'

// The content security policy forbids `eval`: zod must not try it. Imported before anything that makes a schema.
config({ jitless: true })
