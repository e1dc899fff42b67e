export { KEY_START } from './api-key-token.ts'
export { createApiKeysRouter } from './api-keys.router.ts'
export { ApiKeysService } from './api-keys.service.ts'
