export { createLabelsRouter } from './labels.router.ts'
export { LabelsService } from './labels.service.ts'
