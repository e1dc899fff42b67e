export { CredentialsService } from './credentials.service.ts'
export { createEnrollmentRouter } from './enrollment.router.ts'
export { EnrollmentService } from './enrollment.service.ts'
