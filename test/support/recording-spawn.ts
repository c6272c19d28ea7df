import type { Spawn, SpawnOptions, SpawnResult } from '../../src/main/ports.ts';

export interface SpawnCall {
  readonly way: 'run' | 'detach';
  readonly file: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

export interface RecordingSpawn extends Spawn {
  readonly calls: readonly SpawnCall[];
}

/** Starts nothing: for programs of another operating system. `answer` says what each would have done; it may throw. */
export function createRecordingSpawn(answer: (call: SpawnCall) => Partial<SpawnResult> = () => ({})): RecordingSpawn {
  const calls: SpawnCall[] = [];
  const record = async (call: SpawnCall): Promise<SpawnResult> => {
    calls.push(call);
    return { code: 0, signal: null, stdout: '', stderr: '', ...answer(call) };
  };
  return {
    calls,
    run: (file, args, options = {}) => record({ way: 'run', file, args, options }),
    async detach(file, args, options = {}) {
      await record({ way: 'detach', file, args, options });
      return { pid: 1 };
    },
  };
}
