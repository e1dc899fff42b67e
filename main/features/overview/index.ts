export { createOverviewRouter } from './overview.router.ts'
export { OverviewService } from './overview.service.ts'
export { SiteVitals } from './site-vitals.ts'
