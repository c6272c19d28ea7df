// @module-tag slow
import { describe, expect, it, vi } from 'vitest';

import { rolledBack, uniqueViolation } from '../../src/repository/faults.ts';
import { createRstufApi, type Registration, type RstufApiOptions } from '../../src/publish/rstuf/rstuf-api.ts';
import { accepted, done, type ScriptedAnswer, type ScriptedApi, scriptApi, task } from './scripted-api.ts';

const file: Registration = {
  path: 'org.example.notes/releases/1.0.0/Notes.AppImage',
  info: { length: 3, hashes: { sha256: 'aa', sha512: 'bb' }, custom: { app: 'org.example.notes' } },
};
const spurious404: ScriptedAnswer = {
  status: 404,
  body: { detail: { message: 'Task not accepted.', error: 'It requires bootstrap finished. State: None' } },
};

/** Registers one file against a script, and tells how it ended and what was asked. */
async function register(
  script: readonly ScriptedAnswer[],
  options: Partial<RstufApiOptions> = {},
): Promise<{ end: string; lines: readonly string[]; message: string; api: ScriptedApi }> {
  await using api = await scriptApi(...script);
  const client = createRstufApi({
    url: api.url,
    requestTimeoutMs: 500,
    retryForMs: 1500,
    taskTimeoutMs: 1000,
    ...options,
  });
  try {
    await client.register([file]);
    return { end: 'done', message: '', lines: api.seen.map(({ line }) => line), api };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { end: code, message, lines: api.seen.map(({ line }) => line), api };
  } finally {
    await client.close();
  }
}

describe('registering with RSTUF', () => {
  it('posts the files and polls the task with exact slashes', async () => {
    const { end, api } = await register([accepted, task('PENDING'), task('STARTED'), done]);
    expect({ end, seen: api.seen.map(({ line, body }) => [line, body]) }).toEqual({
      end: 'done',
      seen: [
        ['POST /api/v1/artifacts/', { artifacts: [file], add_task_id_to_custom: false, publish_artifacts: true }],
        ['GET /api/v1/task/?task_id=abc', undefined],
        ['GET /api/v1/task/?task_id=abc', undefined],
        ['GET /api/v1/task/?task_id=abc', undefined],
      ],
    });
  });

  it.each([
    ['a burst of spurious 404s', [spurious404, spurious404, accepted, done]],
    ['a busy gateway', [{ status: 503, headers: { 'retry-after': '0' }, body: {} }, accepted, done]],
    ['a lost connection', [{ hangUp: true }, accepted, { hangUp: true }, done]],
    ['a request that is never answered', [{ silent: true }, accepted, done]],
  ])('survives %s', async (_what, script) => {
    expect(await register(script)).toMatchObject({ end: 'done', lines: { length: script.length } });
  });

  it('asks again after a 500 for a GET, a few times, and never for a POST', async () => {
    const broken: ScriptedAnswer = { status: 500, body: { detail: 'Internal Server Error' } };
    const once = await register([accepted, broken, done]);
    const always = await register([accepted, broken], { retryForMs: 60_000 });
    const post = await register([broken]);
    expect([once, always, post].map(({ end, lines }) => [end, lines.length])).toEqual([
      ['done', 3],
      ['PUBLISH_API', 5],
      ['PUBLISH_API', 1],
    ]);
  });

  it.each<[string, string, readonly ScriptedAnswer[]]>([
    ['PUBLISH_TASK_FAILED', 'a failed task', [accepted, task('FAILURE')]],
    ['PUBLISH_TASK_FAILED', 'an errored task', [accepted, task('ERRORED', { message: 'no', error: 'disk' })]],
    ['PUBLISH_TASK_FAILED', 'a revoked task', [accepted, task('REVOKED')]],
    ['PUBLISH_TASK_FAILED', 'a rejected task', [accepted, task('REJECTED')]],
    ['PUBLISH_TASK_FAILED', 'success with a false status', [accepted, task('SUCCESS', { status: false })]],
    [
      'PUBLISH_NOT_COVERED',
      'success with invalid paths',
      [accepted, task('SUCCESS', { status: true, details: { invalid_paths: [file.path] } })],
    ],
    ['PUBLISH_TIMEOUT', 'a task that is pending for ever', [accepted, task('PENDING')]],
    ['PUBLISH_API', '404 for ever', [spurious404]],
    ['PUBLISH_API', 'a 404 that is none of the spurious ones', [{ status: 404, body: { detail: 'Not Found' } }]],
    ['PUBLISH_API', 'a refused body', [{ status: 422, body: { detail: [{ msg: 'Field required' }] } }]],
    ['PUBLISH_API', 'a page for people', [{ status: 200, body: '<html>log in</html>' }]],
    ['PUBLISH_API', 'an answer of another form', [{ status: 202, body: { hello: 1 } }]],
    ['PUBLISH_UNAUTHORISED', 'wrong credentials', [{ status: 401, body: {} }]],
    ['PUBLISH_UNAUTHORISED', 'missing rights', [{ status: 403, body: {} }]],
    ['PUBLISH_UNREACHABLE', 'a server that only hangs up', [{ hangUp: true }]],
    ['PUBLISH_UNREACHABLE', 'a server that never answers', [{ silent: true }]],
  ])('ends with %s for %s', async (code, _what, script) => {
    expect((await register(script)).end).toBe(code);
  });

  it.each([uniqueViolation(file.path), rolledBack(uniqueViolation(file.path))])(
    'says that only a restart helps a worker that answers: %s',
    async (error) => {
      const { message } = await register([accepted, task('FAILURE', { message: 'Task failed', error })]);
      expect(message).toContain("Restart RSTUF's worker");
    },
  );

  it("reports RSTUF's own reason", async () => {
    const { message } = await register([accepted, task('ERRORED', { message: 'Not added', error: 'no space' })]);
    expect(message).toBe('RSTUF could not sign the files (ERRORED): Not added: no space.');
  });

  it("never sends credentials to a redirect's address, and shows none", async () => {
    await using elsewhere = await scriptApi(accepted);
    const headers = { authorization: 'Bearer s3cret', 'x-api-key': 'k3y' };
    const redirect = { status: 307, headers: { location: `${elsewhere.url}/api/v1/artifacts/` }, body: {} };
    const { end, message, api } = await register([redirect], { headers });
    expect({ end, elsewhere: elsewhere.seen, sent: api.seen.map((one) => one.headers.authorization) }).toEqual({
      end: 'PUBLISH_API',
      elsewhere: [],
      sent: ['Bearer s3cret'],
    });
    expect(message).toMatch(/Credentials never follow a redirect/);
    expect(message).not.toMatch(/s3cret|k3y/);
  });

  it('registers in batches, one at a time', async () => {
    await using api = await scriptApi(accepted, done, accepted, done);
    const client = createRstufApi({ url: `${api.url}/api/v1/` });
    const progress: number[] = [];
    await client.register(
      Array.from({ length: 520 }, (_, index) => ({ ...file, path: `a/${index}` })),
      (count) => progress.push(count),
    );
    await client.close();
    expect({ lines: api.seen.map(({ line }) => line.slice(0, 22)), progress }).toEqual({
      lines: ['POST /api/v1/artifacts', 'GET /api/v1/task/?task', 'POST /api/v1/artifacts', 'GET /api/v1/task/?task'],
      progress: [512, 520],
    });
  });

  it('stops at once when it is aborted', async () => {
    const controller = new AbortController();
    await using api = await scriptApi(accepted, task('PENDING'));
    const client = createRstufApi({ url: api.url, signal: controller.signal });
    const registering = client.register([file]);
    await vi.waitFor(() => expect(api.seen.length).toBeGreaterThan(1));
    controller.abort();
    await expect(registering).rejects.toMatchObject({ name: 'AbortError' });
    await client.close();
  });
});

describe('the address of the API', () => {
  it.each([
    ['no address', 'nonsense', {}],
    ['another protocol', 'ftp://rstuf.example.org', {}],
    ['credentials in it', 'https://me:pass@rstuf.example.org', {}],
    ['credentials over plain HTTP', 'http://rstuf.example.org', { authorization: 'Bearer x' }],
  ])('is refused: %s', (_what, url, headers) => {
    expect(() => createRstufApi({ url, headers })).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});
