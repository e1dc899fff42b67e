/**
 * What a change of the cloud does here: the services of the features, so that sessions end, brokers follow and the audit
 * tells it. The engine binds them. Each resolves when the change is on disk and in effect, and rejects with the `ExpectedError`
 * by which the service refuses it. What is so already is done.
 */
export interface FleetTargets {
  /** Under this id, with this slug where it is free, else another. */
  createTenant(tenant: { id: string; slug: string; name: string }): Promise<void>
  renameTenant(id: string, name: string): Promise<void>
  suspendTenant(id: string): Promise<void>
  resumeTenant(id: string): Promise<void>
  createGroup(group: { id: string; tenantId: string; parentId: string | null; name: string }): Promise<void>
  renameGroup(id: string, name: string): Promise<void>
  moveGroup(id: string, parentId: string | null): Promise<void>
  /** What is in it goes to the group above. */
  removeGroup(id: string): Promise<void>
  suspendUser(id: string): Promise<void>
  resumeUser(id: string): Promise<void>
  renameGateway(id: string, name: string): Promise<void>
  suspendGateway(id: string): Promise<void>
  resumeGateway(id: string): Promise<void>
  revokeGateway(id: string): Promise<void>
  /** What is left out stays. With another tenant: its assignment ends, and one of that tenant begins. */
  placeGateway(
    id: string,
    place: {
      tenantId?: string
      groupId?: string | null
      ownerUserId?: string | null
    },
  ): Promise<void>
}
