import type { CustomRole, DelegationPlan, ExpireDays } from '../settings.ts';
import type { JsonObject } from '../tuf/json.ts';
import type { SignedRole } from '../tuf/sign.ts';
import type { TargetInfo } from '../tuf/targets.ts';

/** RSTUF's names for the jobs of a worker. */
type TaskName =
  'bootstrap' | 'update_settings' | 'add_artifacts' | 'remove_artifacts' | 'publish_artifacts' | 'metadata_delegation';

/** An artifact in the form of `POST /artifacts/`. */
export interface ArtifactRequest {
  readonly path: string;
  readonly info: TargetInfo;
}

/** Accepted work. It is stored before the request is answered, and repeated after a crash. */
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

/** A job's result, as `GET /task/` shows it under `result`. */
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
  /** `RUNNING` while the job's changes are unpublished. */
  readonly state: 'RUNNING' | 'SUCCESS' | 'FAILURE' | 'ERRORED';
  readonly result: TaskResult;
}

/** The effects of a job. */
export interface Outcome {
  readonly record: TaskRecord;
  /** Whether the job also published earlier unpublished changes. */
  readonly published: boolean;
  /** Changes that could not be published nevertheless. */
  readonly left?: readonly UnpublishedChange[];
}

/** An accepted change that is not published yet; `null` removes the path. */
export type UnpublishedChange = readonly [path: string, info: TargetInfo | null];
