import { builderTargets, nativeKinds } from '../../../shared/artifact-kinds.ts';
import { type Finding, findingsAbout } from './finding.ts';

/** electron-builder's configuration, as far as it matters here. */
export type BuilderFacts =
  | { readonly type: 'missing' }
  /** A program is not run, and of JSON5 and TOML the text is looked at only. */
  | { readonly type: 'unread'; readonly file: string; readonly namesHook: boolean }
  | { readonly type: 'invalid'; readonly file: string; readonly message: string }
  | { readonly type: 'read'; readonly file: string; readonly settings: BuilderSettings };

export interface BuilderSettings {
  readonly afterPack?: string;
  /** True when the file that `afterPack` names speaks of our hook. */
  readonly hookFileNamesOurs: boolean;
  readonly publish: boolean;
  readonly runAsNode?: boolean;
  readonly platforms: Readonly<Record<'linux' | 'mac' | 'win', PlatformSettings>>;
}

export interface PlatformSettings {
  /** In lower case; empty when none are named, which means electron-builder's own choice. */
  readonly targets: readonly string[];
  /** True when the platform is configured at all. */
  readonly configured: boolean;
  readonly compression?: string;
  /** True when an `artifactName` holds for its files. */
  readonly namesArtifacts: boolean;
}

/** What `afterPack` names. */
export const hook = 'electron-tuf-updater/builder';
const platformOf = { linux: 'linux', mac: 'darwin', win: 'win32' } as const;
/** For first installs; no fault beside one that updates. */
const accompanying = ['dmg', 'pkg', '7z', 'tar.xz', 'tar.bz2', 'tar.lz'];

export function checkBuilder(facts: BuilderFacts): readonly Finding[] {
  const about = findingsAbout('electron-builder');
  switch (facts.type) {
    case 'missing':
      return [
        about.warn(
          'No configuration was found here.',
          'Run doctor where electron-builder runs, or name the directory with --project.',
        ),
      ];
    case 'unread':
      return [
        facts.namesHook
          ? about.ok(`${facts.file} names the hook (the rest of it was not looked at)`)
          : about.warn(
              `${facts.file} does not name ${hook}.`,
              'Make that, or embedUpdates() from there, its afterPack hook.',
            ),
      ];
    case 'invalid':
      return [about.fail(`${facts.file} cannot be read: ${facts.message}`, 'Mend it.')];
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
            'Without a "publish" entry no latest*.yml is written, which "electron-tuf publish" reads.',
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
    ? about.fail(`${file} has no afterPack hook: the app would know of no updates.`, `Add: afterPack: ${hook}`)
    : about.fail(
        `afterPack is ${afterPack}, which does not speak of ${hook}.`,
        'Await embedUpdates() of electron-tuf-updater/builder in it.',
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
    findings.push(about.fail(`${targets.join(', ')}: none of them updates.`, `Add one of ${good.join(', ')}.`));
  } else if (others.length > 0) {
    findings.push(
      about.warn(`${others.join(', ')} does not update by itself.`, `Its users need one of ${good.join(', ')}.`),
    );
  } else {
    findings.push(about.ok(targets.length === 0 ? "electron-builder's usual targets" : targets.join(', ')));
  }
  return [...findings, ...checkCompression(name, platform), ...checkNames(name, platform)];
}

/** `publish --store` rewrites AppImages, debs and `.tar.gz`; rpm and pacman are compressed by their own tools. */
function checkCompression(
  name: keyof BuilderSettings['platforms'],
  { compression, targets }: PlatformSettings,
): readonly Finding[] {
  const matters = name !== 'linux' || targets.includes('zip');
  if (!matters || compression === 'store') return [];
  return [
    findingsAbout(name).warn(
      `compression is ${compression ?? 'normal'}: a small change makes a large update.`,
      'Set compression: store. The transport compresses.',
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
      "electron-builder's name for installers has spaces, which cannot be published.",
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
      'Leave electronFuses.runAsNode on.',
    ),
  ];
}
