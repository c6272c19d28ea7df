import * as v from 'valibot';

import { type DelegationPlan, defaultExpireDays, type ExpireDays, type CustomRole } from '../settings.ts';
import type { ArtifactRequest } from '../tasks/task.ts';
import { jsonObject, signedRoleSchema } from '../tuf/read.ts';
import type { SignedRole } from '../tuf/sign.ts';

/** The request bodies of RSTUF's API 1.0.1 that a publisher sends. */

const integer = v.pipe(v.number(), v.integer());
const text = v.string();

export interface AddBody {
  readonly artifacts: readonly ArtifactRequest[];
  readonly add_task_id_to_custom: boolean;
  readonly publish_artifacts: boolean;
}

const artifact: v.GenericSchema<unknown, ArtifactRequest> = v.object({
  path: text,
  info: v.pipe(
    v.object({ length: integer, hashes: v.record(text, text), custom: v.nullish(jsonObject) }),
    v.transform(({ custom, ...info }) => (custom === undefined || custom === null ? info : { ...info, custom })),
  ),
});

export const addBody: v.GenericSchema<unknown, AddBody> = v.object({
  artifacts: v.array(artifact),
  add_task_id_to_custom: v.optional(v.boolean(), false),
  publish_artifacts: v.optional(v.boolean(), true),
});

export const deleteBody: v.GenericSchema<
  unknown,
  { readonly artifacts: readonly string[]; readonly publish_artifacts: boolean }
> = v.object({ artifacts: v.array(text), publish_artifacts: v.optional(v.boolean(), true) });

export const settingsBody: v.GenericSchema<
  unknown,
  { readonly settings: { readonly expiration: Readonly<Record<string, number>> } }
> = v.object({ settings: v.object({ expiration: v.record(text, v.pipe(integer, v.minValue(0))) }) });

const expiration = v.object({ expiration: v.pipe(integer, v.minValue(1)) });
const customRole: v.GenericSchema<unknown, CustomRole> = v.pipe(
  v.object({
    name: v.pipe(text, v.regex(/^[a-zA-Z0-9_-]+$/)),
    paths: v.pipe(v.array(v.pipe(text, v.minLength(1))), v.minLength(1)),
    terminating: v.boolean(),
    'x-rstuf-expire-policy': v.optional(v.pipe(integer, v.minValue(1)), 1),
  }),
  v.transform(({ 'x-rstuf-expire-policy': expireDays, ...role }) => ({ ...role, expireDays })),
);

/** `POST /delegations/`: roles with their key ids. No ids mean the online key. */
export const delegationsBody: v.GenericSchema<
  unknown,
  readonly (CustomRole & { readonly keyids: readonly string[] })[]
> = v.pipe(
  v.object({
    delegations: v.object({
      keys: jsonObject,
      roles: v.array(v.intersect([customRole, v.object({ keyids: v.array(text), threshold: v.literal(1) })])),
    }),
  }),
  v.transform(({ delegations }) => delegations.roles),
);

export interface BootstrapBody {
  readonly root: SignedRole;
  readonly plan: DelegationPlan;
  readonly expireDays: ExpireDays;
}

/** `POST /bootstrap/`: exactly one of `bins` and `delegations`. */
export const bootstrapBody: v.GenericSchema<unknown, BootstrapBody> = v.pipe(
  v.object({
    settings: v.object({
      roles: v.pipe(
        v.object({
          root: expiration,
          targets: expiration,
          snapshot: expiration,
          timestamp: expiration,
          bins: v.nullish(
            v.object({
              ...expiration.entries,
              number_of_delegated_bins: v.pipe(integer, v.minValue(2), v.maxValue(16_384)),
            }),
          ),
          delegations: v.nullish(v.object({ roles: v.pipe(v.array(customRole), v.minLength(1)) })),
        }),
        v.check(
          ({ bins, delegations }) => Boolean(bins) !== Boolean(delegations),
          "Exactly one of 'bins' and 'delegations' must be set",
        ),
      ),
    }),
    metadata: v.object({ root: signedRoleSchema }),
  }),
  v.transform(({ settings: { roles }, metadata }) => {
    const { bins, delegations, ...top } = roles;
    const days = Object.fromEntries(Object.entries(top).map(([role, one]) => [role, one.expiration] as const));
    const expireDays: ExpireDays = { ...defaultExpireDays, ...days, ...(bins ? { bins: bins.expiration } : {}) };
    const plan: DelegationPlan = bins ? { bins: bins.number_of_delegated_bins } : { roles: delegations?.roles ?? [] };
    return { root: metadata.root, plan, expireDays };
  }),
);

/** FastAPI's body of a 422 answer. */
export function validationError(issues: readonly v.BaseIssue<unknown>[]): { readonly detail: readonly object[] } {
  return {
    detail: issues.map((issue) => {
      const missing = issue.input === undefined;
      return {
        type: missing
          ? 'missing'
          : issue.type === 'integer'
            ? 'int_from_float'
            : `${issue.expected ?? issue.type}_type`,
        loc: ['body', ...(issue.path ?? []).map((item) => item.key)],
        msg: missing ? 'Field required' : issue.message,
        input: issue.input ?? null,
      };
    }),
  };
}
