export { createAnnotationsRouter } from './annotations.router.ts'
export { AnnotationsService } from './annotations.service.ts'
