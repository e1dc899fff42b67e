export type { DialectTools } from './dialect-tools.ts'
export { createDialectsRouter } from './dialects.router.ts'
export { DialectsService } from './dialects.service.ts'
