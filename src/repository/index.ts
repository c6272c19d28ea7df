export { type RunningRepository, type ServeOptions, serveRepository } from './serve.ts';
export type { CustomRole, ExpireDays, RepositorySettings } from './settings.ts';
export type { RepositoryClock, RepositoryLogger } from './outside.ts';
export type { RepositoryStore } from './store/contract.ts';
export { openRepositoryStore, type StoreOptions } from './store/store.ts';
export { addTargets, removeTargets, rotateOnlineKey, rotateRoot, setExpiry, storeContent } from './store/operations.ts';
export type { ArtifactRequest } from './tasks/task.ts';
export type { TargetInfo } from './tuf/targets.ts';
