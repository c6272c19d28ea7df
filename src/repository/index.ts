export { type RunningRepository, serveRepository } from './serve.ts';
export type { FaultName } from './faults.ts';
export type { RepositorySettings } from './settings.ts';
export type { RepositoryClock } from './outside.ts';
export { openRepositoryStore } from './store/store.ts';
export { assertOnlineKey, createStaticRepository, renewStaticRepository } from './static.ts';
export type { RoleSigningKey as RepositoryKey } from './tuf/keys.ts';
export { addTargets, removeTargets, rotateOnlineKey, rotateRoot, setExpiry, storeContent } from './store/operations.ts';
