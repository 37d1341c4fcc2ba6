import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BreakerRegistry, type ServiceClient, type TokenSource } from 'fuseline';
import { memoryTokens, type OAuth, type OAuthOptions, oauth } from 'fuseline/auth';
import { fileTokens } from 'fuseline/auth/file';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuthorizationServer } from '../support/authorization-server.js';
import { createThing, errorOf, getThing, testClient } from '../support/client.js';

const PROGRAM = fileURLToPath(new URL('../support/sign-in-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let server: AuthorizationServer;
let registry: BreakerRegistry;

beforeEach(async () => {
  server = await AuthorizationServer.start();
  registry = new BreakerRegistry();
});

afterEach(() => server.stop());

/** A sign-in as each process makes one. */
const sign = (options: Partial<OAuthOptions>): OAuth =>
  oauth({ tokenUrl: `${server.origin}/token`, clientId: 'app', clientSecret: 'hush: &+%', grant: 'refresh_token', registry, ...options });
const client = (token: TokenSource): ServiceClient => testClient({ baseUrl: server.origin, token, registry, retry: false });

describe('R10 a real authorization server', () => {
  test('client credentials: 40 callers, one request for a token', async () => {
    const acme = client(sign({ grant: 'client_credentials' }));
    await Promise.all(Array.from({ length: 40 }, (_, id) => acme.call(getThing, { id })));
    expect(server.answers).toEqual(Array(40).fill(200));
    expect(server.requests).toHaveLength(1);
  });

  test('client credentials in the body; a client that is not known', async () => {
    await client(sign({ grant: 'client_credentials', clientId: 'form', clientAuth: 'body' })).call(getThing, { id: 1 });
    const wrong = sign({ grant: 'client_credentials', clientSecret: 'wrong' });
    expect(await errorOf(client(wrong).call(getThing, { id: 1 }))).toMatchObject({
      kind: 'sign_in',
      reason: 'refused',
      message: expect.stringContaining('invalid_client'),
    });
  });

  test('refresh tokens that work once: each 401 is repeated with the token of the next, for every method', async () => {
    const store = memoryTokens();
    await store.save('', { refreshToken: await server.signIn('ana') });
    const seen = new Set<string>();
    for (let turn = 0; turn < 4; turn++) {
      // A new process, which finds the token of the one before.
      const auth = sign({ store });
      const acme = client(auth);
      await acme.call(createThing, { body: {} });
      const token = await auth.get();
      seen.add(token);
      await server.revoke(token);
    }
    expect(seen.size).toBe(4);
    expect(server.answers).toEqual([200, 401, 200, 401, 200, 401, 200]);
    expect(server.requests).toHaveLength(4);
  });

  test('40 calls that meet 401 together: one refresh', async () => {
    const store = memoryTokens();
    await store.save('', { refreshToken: await server.signIn('ana') });
    await server.revoke(await sign({ store }).get());
    const acme = client(sign({ store }));
    await Promise.all(Array.from({ length: 40 }, (_, id) => acme.call(getThing, { id })));
    expect(server.requests).toHaveLength(2);
    expect(server.answers.filter((status) => status === 200)).toHaveLength(40);
  });

  test('a refresh token that was used elsewhere: signing in again helps', async () => {
    const first = await server.signIn('ana');
    await sign({ refreshToken: first }).get();
    const auth = sign({ refreshToken: first });
    const acme = client(auth);
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'sign_in', reason: 'expired' });
    await auth.save({ refreshToken: await server.signIn('ana') });
    expect(await acme.call(getThing, { id: 1 })).toEqual({ method: 'GET' });
  });
});

describe('R10 several processes with one store of files', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fuseline-tokens-'));
    await fileTokens({ folder }).save('ana', { refreshToken: await server.signIn('ana') });
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts a process that asks for the token. Returns it, and what it says. */
  const start = (): { readonly child: ChildProcess; readonly lines: AsyncIterator<string> } => {
    const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, server.origin, folder], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines: Interface = createInterface({ input: child.stdout });
    return { child, lines: lines[Symbol.asyncIterator]() };
  };
  const next = async ({ lines }: { readonly lines: AsyncIterator<string> }): Promise<string> => String((await lines.next()).value);

  test('one refresh serves both, and no refresh token is used twice', async () => {
    const release = server.hold();
    const both = [start(), start()];
    expect(await Promise.all(both.map(next))).toEqual(['asking', 'asking']);
    await server.arrived(1);
    release();
    const said = await Promise.all(both.map(next));
    expect(said[0]).toMatch(/^token ./);
    expect(said[1]).toBe(said[0]);
    expect(server.requests).toHaveLength(1);
    // The grant lives: nothing was used again.
    const { accessToken = '' } = (await fileTokens({ folder }).load('ana')) ?? {};
    expect(said[0]).toBe(`token ${accessToken}`);
    await server.revoke(accessToken);
    expect(await client(sign({ store: fileTokens({ folder }) }).for('ana')).call(getThing, { id: 1 })).toEqual({ method: 'GET' });
  });

  test('kill -9 in the middle of a refresh leaves a store that works, and holds up nobody', async () => {
    const release = server.hold();
    const killed = start();
    await server.arrived(1);
    const gone = new Promise((resolve) => killed.child.once('exit', resolve));
    const dropped = new Promise((resolve) => server.requests[0]?.socket.once('close', resolve));
    killed.child.kill('SIGKILL');
    await Promise.all([gone, dropped]);
    release();
    expect((await readdir(folder)).filter((name) => name.includes('.claim.'))).toHaveLength(1);
    const second = start();
    // It gives the lock back before it ends, and says its token earlier.
    const ended = new Promise((resolve) => second.child.once('exit', resolve));
    expect(await next(second)).toBe('asking');
    expect(await next(second)).toMatch(/^token ./);
    expect(server.requests).toHaveLength(2);
    await ended;
    expect((await readdir(folder)).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });
});
