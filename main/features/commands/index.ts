export { type AnswerFollower, CommandDelivery, type CommandTopics } from './command-delivery.ts'
export type { CommandRow } from './commands.repository.ts'
export { createCommandsRouter } from './commands.router.ts'
export { type CommandOrder, CommandsService } from './commands.service.ts'
