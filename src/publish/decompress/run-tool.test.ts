import { afterEach, expect, it, vi } from 'vitest';

import { runTool } from './run-tool.ts';

afterEach(() => vi.unstubAllEnvs());

it.skipIf(process.platform === 'win32')(
  'gives a tool neither the token nor a passphrase, and everything else',
  async () => {
    for (const name of ['TOKEN', 'PASSPHRASE', 'ONLINE_PASSPHRASE']) vi.stubEnv(`ELECTRON_TUF_${name}`, 'secret');
    vi.stubEnv('OTHER', 'kept');
    const script = 'if env | grep -q ELECTRON_TUF; then exit 3; fi; test "$OTHER$MORE" = keptgiven';
    await expect(runTool('sh', 'a shell', ['-c', script], { env: { MORE: 'given' } })).resolves.toBeUndefined();
  },
);

it('names the package of a tool that is missing', async () => {
  await expect(runTool('no-such-tool-here', 'some-tools', [])).rejects.toMatchObject({
    code: 'PUBLISH_TOOLS',
    message: expect.stringContaining('some-tools') as string,
  });
});
