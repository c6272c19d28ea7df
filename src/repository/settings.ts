import * as v from 'valibot';

import { UpdateError } from '../shared/errors.ts';
import { type FaultName, rstufFaults } from './faults.ts';
import { isPortableGlob } from './tuf/glob.ts';
import { dayMs } from '../shared/durations.ts';
import { tufTime } from './tuf/json.ts';

/** Days until each role's metadata expires. `bins` applies to every hash bin. */
export interface ExpireDays {
  readonly root: number;
  readonly targets: number;
  readonly snapshot: number;
  readonly timestamp: number;
  readonly bins: number;
}

/** RSTUF's defaults. */
export const defaultExpireDays: ExpireDays = { root: 365, targets: 365, snapshot: 1, timestamp: 1, bins: 1 };

/** A delegated role of its own instead of hash bins. */
export interface CustomRole {
  /** Letters, digits, `_` and `-`. Must not start with `bins`. */
  readonly name: string;
  /** Globs; `*` does not cross `/`. */
  readonly paths: readonly string[];
  /** @defaultValue true */
  readonly terminating: boolean;
  /** Days. @defaultValue 1 */
  readonly expireDays: number;
}

/** How a new repository delegates: to hash bins, or to roles. */
export type DelegationPlan = { readonly bins: number } | { readonly roles: readonly CustomRole[] };

/** How the embedded repository behaves. `bins`, `roles` and `expireDays` take effect when a directory is first used. */
export interface RepositorySettings {
  /** Number of hash bins, 2 to 16384, a power of two. @defaultValue 16 */
  readonly bins?: number;
  /** Roles with path globs, instead of hash bins. */
  readonly roles?: readonly (Pick<CustomRole, 'name' | 'paths'> & Partial<CustomRole>)[];
  /** @defaultValue RSTUF's: root and targets 365 days, the others 1 day */
  readonly expireDays?: Partial<ExpireDays>;
  /** `automatic` creates keys and metadata on first use. `api` waits for `POST /api/v1/bootstrap/`. @defaultValue automatic */
  readonly bootstrap?: 'automatic' | 'api';
  /** Whether metadata that is about to expire is renewed, as RSTUF's worker does. @defaultValue true */
  readonly renew?: boolean;
  /**
   * The token that the API requires as `Authorization: Bearer <token>`, like a gateway in front of RSTUF. `false` opens the
   * API to every program on this machine. @defaultValue a random token
   */
  readonly token?: string | false;
  /** Faults of RSTUF to simulate. @defaultValue none */
  readonly faults?: readonly FaultName[];
}

const days = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const bins = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(2),
  v.maxValue(16_384),
  v.check((count) => Number.isInteger(Math.log2(count)), 'not a power of two'),
);
const rolesSchema = v.pipe(
  v.array(
    v.object({
      name: v.pipe(v.string(), v.regex(/^(?!bins)[A-Za-z0-9_-]+$/)),
      paths: v.pipe(v.array(v.pipe(v.string(), v.check(isPortableGlob, 'not a portable glob'))), v.minLength(1)),
      terminating: v.optional(v.boolean(), true),
      expireDays: v.optional(days, 1),
    }),
  ),
  v.minLength(1),
  v.check((roles) => new Set(roles.map((role) => role.name)).size === roles.length, 'two roles have the same name'),
);
const expireSchema = v.object({
  root: v.optional(days, defaultExpireDays.root),
  targets: v.optional(days, defaultExpireDays.targets),
  snapshot: v.optional(days, defaultExpireDays.snapshot),
  timestamp: v.optional(days, defaultExpireDays.timestamp),
  bins: v.optional(days, defaultExpireDays.bins),
});
const settingsSchema = v.pipe(
  v.looseObject({
    bins: v.exactOptional(bins),
    roles: v.exactOptional(rolesSchema),
    expireDays: v.optional(expireSchema, {}),
    bootstrap: v.exactOptional(v.picklist(['automatic', 'api'])),
    renew: v.exactOptional(v.boolean()),
    faults: v.exactOptional(v.array(v.picklist(Object.keys(rstufFaults)))),
    token: v.exactOptional(v.union([v.literal(false), v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/))])),
  }),
  v.check((settings) => settings.bins === undefined || settings.roles === undefined, 'give either bins or roles'),
);

/** Validates settings, and returns those that a new directory needs. @throws UpdateError `OPTIONS_INVALID` */
export function setupFrom(settings: RepositorySettings): { plan: DelegationPlan; expireDays: ExpireDays } {
  const parsed = v.safeParse(settingsSchema, settings);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new UpdateError(
      'OPTIONS_INVALID',
      `The repository setting ${v.getDotPath(issue) ?? ''} is wrong: ${issue.message}. Bins are a power of two from 2 to 16384; roles have names without "bins" and globs of target path characters; a token is visible ASCII; faults are ${Object.keys(rstufFaults).join(', ')}.`,
    );
  }
  const { bins = 16, roles, expireDays } = parsed.output;
  return { plan: roles === undefined ? { bins } : { roles }, expireDays };
}

/** The expiry of a role's next version, made at `now`. */
export function expiryOf(role: string, plan: DelegationPlan, expireDays: ExpireDays, now: number): string {
  return tufTime(now + dayMs * daysOf(role, plan, expireDays));
}

function daysOf(role: string, plan: DelegationPlan, expireDays: ExpireDays): number {
  if (role === 'root' || role === 'targets' || role === 'snapshot' || role === 'timestamp') return expireDays[role];
  const custom = 'roles' in plan ? plan.roles.find((one) => one.name === role) : undefined;
  return custom?.expireDays ?? expireDays.bins;
}
