import type { UpdateState } from '../../../src/shared/state.ts';

/** What the page needs of `window.updates`. */
export interface UpdatesApi {
  readonly version: string;
  readonly channels: readonly string[];
  channel(): Promise<string>;
  setChannel(channel: string): Promise<void>;
  state(): Promise<UpdateState>;
  onState(listener: (state: UpdateState) => void): () => void;
  run(action: string): Promise<void>;
}
