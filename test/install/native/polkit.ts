import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';

const run = promisify(execFile);
const bus = '/run/dbus/system_bus_socket';
const patience = { timeout: 20_000 };
const daemon = '/usr/lib/polkit-1/polkitd';

/** The system's polkit with one action and one rule for a test. */
export interface Polkit {
  /** Sets what the rule answers for the action. */
  answer(result: 'YES' | 'NO'): Promise<void>;
  close(): Promise<void>;
}

/**
 * Installs the policy file that the builder hook wrote, and a rule for only its action. Starts the bus and polkit if
 * the system does not run them.
 */
export async function startPolkit(actionId: string, policy: string): Promise<Polkit> {
  const started = await startDaemons();
  const action = join('/usr/share/polkit-1/actions', `${actionId}.policy`);
  const rules = join('/etc/polkit-1/rules.d', `10-${actionId}.rules`);
  await mkdir('/etc/polkit-1/rules.d', { recursive: true });
  await copyFile(policy, action);
  await vi.waitFor(async () => run('pkaction', ['--action-id', actionId]), patience);
  return {
    async answer(result) {
      const test = `action.id == ${JSON.stringify(actionId)} && subject.user == "nobody"`;
      await writeFile(
        rules,
        `polkit.addRule(function (action, subject) { if (${test}) return polkit.Result.${result}; });\n`,
      );
      // polkitd reads its rules again after their directory has changed. The test asks as that user until it has.
      await vi.waitFor(async () => {
        const code = await codeAsNobody('sh', ['-c', `exec pkcheck --action-id '${actionId}' --process $$`]);
        if (code !== (result === 'YES' ? 0 : 1)) throw new Error(`polkit still answers ${code}`);
      }, patience);
    },
    async close() {
      await rm(rules, { force: true });
      await rm(action, { force: true });
      for (const child of started.toReversed()) child.kill('SIGTERM');
    },
  };
}

async function codeAsNobody(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(file, args, { uid: 65_534, gid: 65_534, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? -1;
}

async function startDaemons(): Promise<readonly ChildProcess[]> {
  const started: ChildProcess[] = [];
  if (!(await isListening(bus))) {
    await mkdir('/run/dbus', { recursive: true });
    await rm('/run/dbus/pid', { force: true });
    started.push(spawn('dbus-daemon', ['--system', '--nofork', '--nopidfile'], { stdio: 'ignore' }));
    await vi.waitFor(async () => {
      if (!(await isListening(bus))) throw new Error('the bus does not listen yet');
    }, patience);
  }
  const { stdout } = await run('dbus-send', [
    '--system',
    '--print-reply=literal',
    '--dest=org.freedesktop.DBus',
    '/org/freedesktop/DBus',
    'org.freedesktop.DBus.NameHasOwner',
    'string:org.freedesktop.PolicyKit1',
  ]);
  if (!stdout.includes('true')) started.push(spawn(daemon, ['--no-debug'], { stdio: 'ignore' }));
  return started;
}

async function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.end());
  });
}
