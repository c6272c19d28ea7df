import { type Finding, findingsAbout } from './finding.ts';

/** RSTUF's settings from its API, or why they cannot be read. */
export type RstufFacts =
  | {
      readonly type: 'settings';
      readonly settings: Readonly<Record<string, unknown>>;
      /** The version of the root that clients fetched; `undefined` if they found none. */
      readonly seenRootVersion: number | undefined;
      /** Whether the API answers without credentials. */
      readonly open: boolean;
      /** Whether the API is on this machine. */
      readonly local: boolean;
    }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export function checkRstuf(facts: RstufFacts): readonly Finding[] {
  const about = findingsAbout('RSTUF');
  if (facts.type === 'failed') {
    return [about.fail(`${facts.code}: ${facts.message}`, 'Check --api, --token and the gateway in front of RSTUF.')];
  }
  return [
    facts.open && !facts.local
      ? about.fail(
          'Its API answers without credentials, so anyone who reaches it can have anything signed.',
          'Put a gateway in front that requires a token or a client certificate (RSTUF itself requires none).',
        )
      : about.ok(facts.open ? 'the API answers only this machine' : 'the API requires credentials'),
    ...checkExpirations(facts.settings),
    ...checkRoot(facts.settings, facts.seenRootVersion),
  ];
}

const topLevel = ['root', 'timestamp', 'snapshot', 'targets'];

/**
 * RSTUF signs a new timestamp only when a role below it is due. If bins and delegated roles live longer than the
 * timestamp, it expires unless something is published in time.
 */
function checkExpirations(settings: Readonly<Record<string, unknown>>): readonly Finding[] {
  const about = findingsAbout('RSTUF expiry');
  const days = new Map(
    Object.entries(settings).flatMap(([name, value]) => {
      const role = /^([\w-]{1,64})_expiration$/.exec(name)?.[1];
      return role === undefined || typeof value !== 'number' ? [] : [[role, value] as const];
    }),
  );
  const timestamp = days.get('timestamp');
  if (timestamp === undefined) return [];
  const longer = [...days].filter(([role, value]) => !topLevel.includes(role) && value > timestamp);
  const text = `days: ${[...days].map(([role, value]) => `${role} ${value}`).join(', ')}`;
  if (longer.length === 0) return [about.ok(text)];
  return [
    about.warn(
      `${text}. ${longer.map(([role]) => role).join(', ')} longer than the timestamp, so RSTUF does not renew it in time.`,
      'Set them equal (PUT /api/v1/config/), or publish at least as often as the timestamp expires.',
    ),
  ];
}

function checkRoot(settings: Readonly<Record<string, unknown>>, seen: number | undefined): readonly Finding[] {
  const told = (settings['trusted_root'] as { signed?: { version?: unknown } } | null | undefined)?.signed?.version;
  if (typeof told !== 'number' || seen === undefined || told === seen) return [];
  return [
    findingsAbout('RSTUF root').fail(
      `The API has root version ${told}, but clients see ${seen}.`,
      'Check that the address in update.json serves the metadata that this RSTUF writes.',
    ),
  ];
}
