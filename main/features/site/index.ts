export { reachableAddresses, reachableNames } from './network.ts'
export { type SetupAnswers, type SetupResult, SetupService } from './setup.service.ts'
export { createSiteRouters } from './site.router.ts'
export { SiteService } from './site.service.ts'
