import type { CustomRole, DelegationPlan, ExpireDays } from '../settings.ts';
import type { JsonObject } from '../tuf/json.ts';
import type { SignedRole } from '../tuf/sign.ts';
import type { TargetInfo } from '../tuf/targets.ts';

/** RSTUF's names for what a worker does. */
type TaskName =
  'bootstrap' | 'update_settings' | 'add_artifacts' | 'remove_artifacts' | 'publish_artifacts' | 'metadata_delegation';

/** An artifact as `POST /artifacts/` gives it. */
export interface ArtifactRequest {
  readonly path: string;
  readonly info: TargetInfo;
}

/** Accepted work: stored before the request is answered, done after, done again after a crash. */
export type Job =
  | {
      readonly id: string;
      readonly task: 'bootstrap';
      readonly root: SignedRole;
      readonly plan: DelegationPlan;
      readonly expireDays: ExpireDays;
    }
  | { readonly id: string; readonly task: 'update_settings'; readonly expiration: Readonly<Record<string, number>> }
  | {
      readonly id: string;
      readonly task: 'add_artifacts';
      readonly artifacts: readonly ArtifactRequest[];
      readonly publish: boolean;
    }
  | {
      readonly id: string;
      readonly task: 'remove_artifacts';
      readonly paths: readonly string[];
      readonly publish: boolean;
    }
  | { readonly id: string; readonly task: 'publish_artifacts' }
  | { readonly id: string; readonly task: 'metadata_delegation'; readonly roles: readonly CustomRole[] };

/** What became of a job, as `GET /task/` shows it under `result`. */
export interface TaskResult {
  readonly task: TaskName;
  readonly status: boolean;
  readonly message: string;
  readonly error: string | null;
  readonly details: JsonObject | null;
  /** ISO 8601. */
  readonly last_update: string;
}

export interface TaskRecord {
  readonly id: string;
  /** `RUNNING` while its changes wait to be published. */
  readonly state: 'RUNNING' | 'SUCCESS' | 'FAILURE' | 'ERRORED';
  readonly result: TaskResult;
}

/** What a job did. */
export interface Outcome {
  readonly record: TaskRecord;
  /** Whether what was unpublished has been published with it. */
  readonly published: boolean;
  /** What could not be, all the same. */
  readonly left?: readonly UnpublishedChange[];
}

/** A change that is accepted and that no client sees yet; `null` removes the path. */
export type UnpublishedChange = readonly [path: string, info: TargetInfo | null];
