export { openDocument, withFont } from './label-font.ts'
export { createLabelsRouter } from './labels.router.ts'
export { LabelsService } from './labels.service.ts'
