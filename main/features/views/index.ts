export { createViewsRouter } from './views.router.ts'
export { ViewsService } from './views.service.ts'
