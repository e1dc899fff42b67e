export { createIdentityRouter } from './identity.router.ts'
export { hashToken, IdentityService, type NewAdministrator } from './identity.service.ts'
export { PasswordHashes } from './password-hashes.ts'
