export type { CapturedMessage } from './message-view.ts'
export { TopicPublisher } from './topic-publisher.ts'
export { createTopicsRouter } from './topics.router.ts'
export { type CaptureQuery, TopicsService } from './topics.service.ts'
