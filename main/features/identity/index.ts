export { createAccountRouter } from './account.router.ts'
export { AccountService } from './account.service.ts'
export { AccountFactorService } from './account-factor.service.ts'
export { ActorLookup, permissionsOfRole } from './actor-lookup.ts'
export {
  type Caller,
  type Credentials,
  ONE_TIME_PASSWORD_LASTS,
} from './credential-check.ts'
export { normalizeEmail } from './email.ts'
export { createIdentityRouter } from './identity.router.ts'
export { IdentityService, type NewAdministrator } from './identity.service.ts'
export { PasswordHashes } from './password-hashes.ts'
export { checkPassword, type PasswordOwner } from './password-policy.ts'
export { RegistrationService } from './registration.service.ts'
export { eraseSecondFactor } from './second-factor/second-factor.repository.ts'
export { SecondFactors } from './second-factor/second-factors.ts'
export { hashToken, SessionsService } from './sessions.service.ts'
export { createSignInRouter } from './sign-in.router.ts'
export { SignInSettingsService } from './sign-in-settings.ts'
export { createTokensRouter } from './tokens/tokens.router.ts'
export { TokensService } from './tokens/tokens.service.ts'
