export { createEstRouter } from './est.router.ts'
export { type BasicLogin, EstService } from './est.service.ts'
export { EstPasswordsService } from './est-passwords.service.ts'
export { RenewalsService, type ShownCertificate } from './renewals.service.ts'
