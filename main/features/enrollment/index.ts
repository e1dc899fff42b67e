export { createEnrollmentRouter } from './enrollment.router.ts'
export { type BrokerDirectory, EnrollmentService } from './enrollment.service.ts'
