export { createJobsRouter } from './jobs.router.ts'
export { JobsService } from './jobs.service.ts'
