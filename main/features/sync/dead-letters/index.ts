export { DeadLettersService } from './dead-letters.service.ts'
