import { join, resolve } from 'node:path';

import { embedUpdateFiles } from './embed.ts';
import { writePackageType } from './package-type.ts';
import { embedRootHelper, isNativePackage } from './native-package.ts';
import { assertNoSecrets } from './secrets.ts';

/** What electron-builder (26) hands to `afterPack`, as far as it is used here. */
export interface AfterPackContext {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
  readonly targets: readonly { readonly name: string }[];
  readonly packager: {
    readonly projectDir: string;
    /** On Linux. */
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
  /** Directory with the `root.json` and `update.json` that `electron-tuf init` wrote, relative to the project. @defaultValue update */
  readonly update?: string;
  /** Packed files, relative to the app's resources, that may hold a private key: none should. @defaultValue none */
  readonly allowKeysIn?: readonly string[];
}

/**
 * An `afterPack` hook with options, for electron-builder configurations in JavaScript: embeds the root of trust and the
 * update configuration in the app's resources, tells the app how it was packaged, gives deb, rpm and pacman packages their
 * root side, and refuses to pack private keys.
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

/** The hook without options: `afterPack: electron-tuf-updater/builder` in electron-builder.yml. */
const afterPack: (context: AfterPackContext) => Promise<void> = embedUpdates();
export default afterPack;
