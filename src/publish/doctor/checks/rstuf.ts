import { type Finding, findingsAbout } from './finding.ts';

/** RSTUF's settings as its API tells them, or why it does not. */
export type RstufFacts =
  | {
      readonly type: 'settings';
      readonly settings: Readonly<Record<string, unknown>>;
      /** The version of the root that clients see; `undefined` when they see none. */
      readonly seenRootVersion: number | undefined;
      /** Did the API answer without credentials? */
      readonly open: boolean;
      /** Is the API on this very machine? */
      readonly local: boolean;
    }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export function checkRstuf(facts: RstufFacts): readonly Finding[] {
  const about = findingsAbout('RSTUF');
  if (facts.type === 'failed') {
    return [about.fail(`${facts.code}: ${facts.message}`, 'Check --api, --token and the gateway before RSTUF.')];
  }
  return [
    facts.open && !facts.local
      ? about.fail(
          'Its API answers without credentials: whoever reaches it can have anything signed.',
          'Put a gateway before it that wants a token or a client certificate (RSTUF itself asks for none).',
        )
      : about.ok(facts.open ? 'the API answers, to this machine only' : 'the API answers to these credentials only'),
    ...checkExpirations(facts.settings),
    ...checkRoot(facts.settings, facts.seenRootVersion),
  ];
}

const topLevel = ['root', 'timestamp', 'snapshot', 'targets'];

/**
 * RSTUF signs a new timestamp when something below it is due: bins and delegated roles that live longer than it let it
 * run out, unless something is published meanwhile.
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
      `${text}. ${longer.map(([role]) => role).join(', ')} above the timestamp: it is not renewed in time.`,
      'Set them equal (PUT /api/v1/config/), or publish at least as often as the timestamp expires.',
    ),
  ];
}

function checkRoot(settings: Readonly<Record<string, unknown>>, seen: number | undefined): readonly Finding[] {
  const told = (settings['trusted_root'] as { signed?: { version?: unknown } } | null | undefined)?.signed?.version;
  if (typeof told !== 'number' || seen === undefined || told === seen) return [];
  return [
    findingsAbout('RSTUF root').fail(
      `The API has root version ${told}, clients see ${seen}.`,
      'Check that the metadata which this RSTUF writes is what is served at the address in update.json.',
    ),
  ];
}
