import { builderTargets, nativeKinds } from '../../../shared/artifact-kinds.ts';
import { type Finding, findingsAbout } from './finding.ts';

/** The relevant parts of electron-builder's configuration. */
export type BuilderFacts =
  | { readonly type: 'missing' }
  /** Doctor does not run programs or parse JSON5 and TOML. It only searches their text. */
  | { readonly type: 'unread'; readonly file: string; readonly namesHook: boolean }
  | { readonly type: 'invalid'; readonly file: string; readonly message: string }
  | { readonly type: 'read'; readonly file: string; readonly settings: BuilderSettings };

export interface BuilderSettings {
  readonly afterPack?: string;
  /** True if the file that `afterPack` names mentions our hook. */
  readonly hookFileNamesOurs: boolean;
  readonly publish: boolean;
  readonly runAsNode?: boolean;
  readonly platforms: Readonly<Record<'linux' | 'mac' | 'win', PlatformSettings>>;
}

export interface PlatformSettings {
  /** In lower case. Empty means electron-builder's defaults. */
  readonly targets: readonly string[];
  /** True if the configuration mentions the platform. */
  readonly configured: boolean;
  readonly compression?: string;
  /** True if an `artifactName` applies to its files. */
  readonly namesArtifacts: boolean;
}

/** The hook that `afterPack` should name. */
export const hook = 'electron-tuf-updater/builder';
const platformOf = { linux: 'linux', mac: 'darwin', win: 'win32' } as const;
/** Targets for first installs. They are fine beside a target that can update. */
const accompanying = ['dmg', 'pkg', '7z', 'tar.xz', 'tar.bz2', 'tar.lz'];

export function checkBuilder(facts: BuilderFacts): readonly Finding[] {
  const about = findingsAbout('electron-builder');
  switch (facts.type) {
    case 'missing':
      return [
        about.warn(
          'No configuration was found here.',
          'Run doctor where electron-builder runs, or give the directory with --project.',
        ),
      ];
    case 'unread':
      return [
        facts.namesHook
          ? about.ok(`${facts.file} names the hook (the rest of the file was not checked)`)
          : about.warn(
              `${facts.file} does not name ${hook}.`,
              'Use that as its afterPack hook, or call embedUpdates() from yours.',
            ),
      ];
    case 'invalid':
      return [about.fail(`${facts.file} cannot be read: ${facts.message}`, 'Fix the file.')];
    case 'read':
      return checkSettings(facts.file, facts.settings);
  }
}

function checkSettings(file: string, settings: BuilderSettings): readonly Finding[] {
  const about = findingsAbout('electron-builder');
  const platforms = Object.entries(settings.platforms) as [keyof BuilderSettings['platforms'], PlatformSettings][];
  return [
    checkHook(file, settings),
    ...(settings.publish
      ? []
      : [
          about.warn(
            'Without a "publish" entry, electron-builder does not write latest*.yml, which "electron-tuf publish" reads.',
            'Add publish: { provider: generic, url: https://… }, and build with "--publish never".',
          ),
        ]),
    ...platforms
      .filter(([, { configured }]) => configured)
      .flatMap(([name, platform]) => checkPlatform(name, platform)),
    ...checkFuse(settings),
  ];
}

function checkHook(file: string, { afterPack, hookFileNamesOurs }: BuilderSettings): Finding {
  const about = findingsAbout('electron-builder');
  if (afterPack === hook || hookFileNamesOurs) return about.ok(`${file} has the hook`);
  return afterPack === undefined
    ? about.fail(`${file} has no afterPack hook, so the app would not find updates.`, `Add: afterPack: ${hook}`)
    : about.fail(
        `afterPack is ${afterPack}, which does not mention ${hook}.`,
        'Await embedUpdates() from electron-tuf-updater/builder in it.',
      );
}

function checkPlatform(name: keyof BuilderSettings['platforms'], platform: PlatformSettings): readonly Finding[] {
  const about = findingsAbout(name);
  const { targets } = platform;
  const good = builderTargets(platformOf[name]);
  const withUpdates = targets.filter((target) => good.includes(target));
  const others = targets.filter((target) => !good.includes(target) && !accompanying.includes(target));
  const findings: Finding[] = [];
  if (targets.length > 0 && withUpdates.length === 0) {
    findings.push(about.fail(`${targets.join(', ')}: none of them can update.`, `Add one of ${good.join(', ')}.`));
  } else if (others.length > 0) {
    findings.push(about.warn(`${others.join(', ')} cannot update.`, `Offer its users one of ${good.join(', ')}.`));
  } else {
    findings.push(about.ok(targets.length === 0 ? "electron-builder's default targets" : targets.join(', ')));
  }
  return [...findings, ...checkCompression(name, platform), ...checkNames(name, platform)];
}

/**
 * Checks platforms whose files `publish --store` cannot rewrite. Leaves out rpm and pacman, which their own tools
 * compress.
 */
function checkCompression(
  name: keyof BuilderSettings['platforms'],
  { compression, targets }: PlatformSettings,
): readonly Finding[] {
  const matters = name !== 'linux' || targets.includes('zip');
  if (!matters || compression === 'store') return [];
  return [
    findingsAbout(name).warn(
      `compression is ${compression ?? 'normal'}, so a small change makes a large update.`,
      'Set compression: store. Downloads are compressed anyway.',
    ),
  ];
}

function checkNames(
  name: keyof BuilderSettings['platforms'],
  { targets, namesArtifacts }: PlatformSettings,
): readonly Finding[] {
  if (name !== 'win' || namesArtifacts || (targets.length > 0 && !targets.includes('nsis'))) return [];
  return [
    findingsAbout(name).warn(
      "electron-builder's default installer name has spaces, which cannot be published.",
      'Set artifactName: ${name}-${version}-${os}-${arch}.${ext}',
    ),
  ];
}

function checkFuse({ runAsNode, platforms }: BuilderSettings): readonly Finding[] {
  const needing = nativeKinds.filter((kind) => platforms.linux.targets.includes(kind));
  if (runAsNode !== false || needing.length === 0) return [];
  return [
    findingsAbout('linux').fail(
      `The fuse runAsNode is off, and ${needing.join(', ')} packages verify updates with it.`,
      'Keep electronFuses.runAsNode on.',
    ),
  ];
}
