export { archOrder } from './artifact.ts';
export type { ReleaseFacts } from './facts.ts';
export { heldBackOf } from './held-back.ts';
export { listedReleases } from './listed.ts';
export { reconsider, type Reconsidered } from './reconsider.ts';
export { type Offer, type Selection, selectRelease } from './select.ts';
export { selectFromIndexes } from './select-index.ts';
