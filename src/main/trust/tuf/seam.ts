import { MetadataKind } from '@tufjs/models';
import { BadVersionError, EqualVersionError, ExpiredMetadataError } from 'tuf-js/dist/error.js';
import { TrustedMetadataStore } from 'tuf-js/dist/store.js';

import { textOf, UpdateError } from '../../../shared/errors.ts';

export type MetadataSet = TrustedMetadataStore;
export { EqualVersionError, MetadataKind };

/** Starts from a root that is trusted already. @throws UpdateError `TRUST_ROOT_INVALID` */
export function openMetadataSet(root: Uint8Array): MetadataSet {
  try {
    return new TrustedMetadataStore(Buffer.from(root));
  } catch (error) {
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      `The embedded root.json can not be used: ${textOf(error)}. Reinstall the app, or run "electron-tuf init" again.`,
      { cause: error },
    );
  }
}

/** What tuf-js threw, as a code with role and version. */
export function metadataError(error: unknown, role: string): unknown {
  if (error instanceof UpdateError || error instanceof EqualVersionError) return error;
  const details = { role };
  const options = { cause: error, details };
  if (error instanceof ExpiredMetadataError) {
    return new UpdateError(
      'TRUST_EXPIRED',
      `The ${role} metadata has expired: it can not be told whether there is something newer. Check this device's clock; else the publisher's repository needs attention.`,
      options,
    );
  }
  if (error instanceof BadVersionError) {
    return new UpdateError(
      'TRUST_ROLLBACK',
      `The repository offers ${role} metadata of the wrong version: ${textOf(error)}. Nothing was changed.`,
      options,
    );
  }
  if (error instanceof Error && /sign/i.test(`${error.name} ${error.message}`)) {
    return new UpdateError(
      'TRUST_UNSIGNED',
      `The ${role} metadata is not signed by enough trusted keys. Nothing was changed.`,
      options,
    );
  }
  if (error instanceof Error && /hash|length/i.test(`${error.name} ${error.message}`)) {
    return new UpdateError(
      'TRUST_MISMATCH',
      `The ${role} metadata is not the one that was announced. Try again later.`,
      options,
    );
  }
  return new UpdateError('TRUST_MALFORMED', `The ${role} metadata can not be read: ${textOf(error)}.`, options);
}
