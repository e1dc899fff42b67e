/** A site that has joined a cloud, as `cloudLink` has it; `tailSeq`: up to where its readings were sent. */
export function linkRow({ tailSeq }: { tailSeq: number }) {
  return {
    id: 1 as const,
    host: 'cloud',
    port: 5432,
    database: 'd',
    username: 'u',
    sealedSecretId: '',
    insideNetwork: 0 as const,
    cloudId: '',
    siteId: '',
    siteKey: 1,
    generation: 1,
    token: '',
    tailSeq,
    joinedAt: 0,
    joinedByName: '',
  }
}
