import { join, resolve } from 'node:path';

import { embedUpdateFiles } from './embed.ts';
import { writePackageType } from './package-type.ts';
import { embedRootHelper, isNativePackage } from './native-package.ts';
import { assertNoSecrets } from './secrets.ts';

/** The part of electron-builder's (26) `afterPack` context that this hook uses. */
export interface AfterPackContext {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
  readonly targets: readonly { readonly name: string }[];
  readonly packager: {
    readonly projectDir: string;
    /** Set on Linux only. */
    readonly executableName?: string;
    readonly appInfo: {
      readonly id: string;
      readonly version: string;
      readonly productName: string;
      readonly sanitizedProductName: string;
    };
    getResourcesDir(appOutDir: string): string;
  };
}

export interface EmbedOptions {
  /**
   * Directory with the `root.json` and `update.json` that `electron-tuf init` wrote, relative to the project.
   * @defaultValue update
   */
  readonly update?: string;
  /**
   * Packed files that may contain a private key, relative to the app's resources. Normally there are none.
   * @defaultValue none
   */
  readonly allowKeysIn?: readonly string[];
}

/**
 * Returns an `afterPack` hook for electron-builder configurations in JavaScript. The hook embeds the root of trust and
 * the update configuration in the app's resources. It records how the app was packaged, adds the root helper to deb,
 * rpm and pacman packages, and refuses to pack private keys.
 * @throws UpdateError `OPTIONS_CONFIG_MISSING`, `OPTIONS_CONFIG_INVALID`, `TRUST_ROOT_INVALID`, `PUBLISH_KEY`
 */
export function embedUpdates(options: EmbedOptions = {}): (context: AfterPackContext) => Promise<void> {
  return async ({ appOutDir, electronPlatformName, targets, packager }) => {
    const resources = packager.getResourcesDir(appOutDir);
    const source = resolve(packager.projectDir, options.update ?? 'update');
    await embedUpdateFiles(source, join(resources, 'update'), electronPlatformName);
    const kinds = targets.map((target) => target.name);
    await writePackageType(resources, electronPlatformName, kinds);
    if (isNativePackage(electronPlatformName, kinds)) {
      const { id, version, productName, sanitizedProductName } = packager.appInfo;
      await embedRootHelper(join(resources, 'update'), {
        name: productName,
        appId: id,
        version,
        installDirectory: `/opt/${sanitizedProductName}`,
        executable: packager.executableName ?? sanitizedProductName.toLowerCase(),
      });
    }
    await assertNoSecrets(resources, options.allowKeysIn ?? []);
  };
}

/** The hook with default options: `afterPack: electron-tuf-updater/builder` in electron-builder.yml. */
const afterPack: (context: AfterPackContext) => Promise<void> = embedUpdates();
export default afterPack;
