import { createHash } from 'node:crypto';

import type { TrustedTarget } from '../../src/shared/trusted-target.ts';

export interface TestTarget {
  readonly path?: string;
  readonly locations?: readonly string[];
  readonly hashes?: TrustedTarget['hashes'];
  readonly length?: number;
}

/** For tests only: what `trust/` would mint for these bytes. */
export function trustedTarget(bytes: Uint8Array, given: TestTarget = {}): TrustedTarget {
  const { path = 'file.bin', locations = [path] } = given;
  return {
    path,
    locations,
    length: given.length ?? bytes.length,
    hashes: given.hashes ?? { sha256: createHash('sha256').update(bytes).digest('hex') },
    custom: {},
  } as TrustedTarget;
}
