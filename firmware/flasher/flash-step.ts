/** What a session does at the moment, as errors name it. */
export type FlashStep = 'connecting' | 'erasing' | 'writing' | 'verifying' | 'reading' | 'restarting'
