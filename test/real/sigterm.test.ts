import { once } from 'node:events';
import { Agent, createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { handlesSigterm } from '../docs/pasted-code.js';
import { accepts } from '../support/accepts.js';
import { fencedBlocks } from '../support/doc-blocks.js';
import { DocProject } from '../support/doc-process.js';
import { PATIENCE_MS } from '../support/patience.js';

const CALLS = 5;

let project: DocProject;
beforeEach(() => {
  project = new DocProject();
});
afterEach(() => project.remove());

/** A vendor that answers when the test says so. */
async function slowVendor(): Promise<{ readonly origin: string; readonly asked: ServerResponse[] }> {
  const asked: ServerResponse[] = [];
  const server = createServer((_, response) => void asked.push(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Starts the block of the documentation against a vendor. `change` edits the block. */
async function start(vendor: string, change = (code: string): string => code) {
  const block = fencedBlocks().find(({ file, code }) => file === 'docs/lifecycle.md' && handlesSigterm(code));
  const code = change(
    (block?.code ?? '').replace('.listen(3000)', ".listen(0, '127.0.0.1')").replace('({ token:', `({ baseUrl: '${vendor}', token:`),
  );
  expect(code).toContain(vendor);
  project.write('main.ts', `${code}\nserver.once('listening', () => console.log('port', (server.address() as any).port, '\\nready'));`);
  const running = await project.start('main.ts');
  const port = Number(/^port (\d+)/m.exec(running.output())?.[1]);
  const ask = (): Promise<string> =>
    fetch(`http://127.0.0.1:${port}/ctc_1`, { headers: { connection: 'close' } }).then(
      async (answer) => `${answer.status} ${await answer.text()}`,
    );
  return { running, port, ask };
}

it('R11 the recipe loses no call at SIGTERM, accepts no new request, and ends the process', async () => {
  const { origin, asked } = await slowVendor();
  const { running, port, ask } = await start(origin);
  const answers = Array.from({ length: CALLS }, ask);
  await expect.poll(() => asked.length, { timeout: PATIENCE_MS }).toBe(CALLS);
  running.signal('SIGTERM');
  await expect.poll(() => accepts(port), { timeout: PATIENCE_MS }).toBe(false);
  for (const response of asked) response.setHeader('content-type', 'application/json').end('{"contact":{"id":"ctc_1"}}');
  expect(await Promise.all(answers)).toEqual(answers.map(() => '200 ok'));
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
  expect(asked).toHaveLength(CALLS);
});

it('the recipe ends busy keep-alive connections with their next answer, without losing a request', async () => {
  const { origin, asked } = await slowVendor();
  // Without the limits the process ends only if the connections do.
  const { running, port } = await start(origin, (code) => code.replace(/^.*(6_000|process\.exit).*$/gm, ''));
  const agent = new Agent({ keepAlive: true, maxSockets: CALLS });
  onTestFinished(() => agent.destroy());
  // Each sends its next request as soon as it has an answer, until the server accepts none.
  const clients = Array.from({ length: CALLS }, (): string[] => []);
  for (const seen of clients) {
    void (async () => {
      while (!seen.at(-1)?.startsWith('E')) seen.push(await askKeptAlive(port, agent));
    })();
  }
  const answerAll = (): void => {
    for (const response of asked.splice(0)) response.setHeader('content-type', 'application/json').end('{"contact":{"id":"ctc_1"}}');
  };
  const allAsked = (): Promise<void> => expect.poll(() => asked.length, { timeout: PATIENCE_MS }).toBe(CALLS);
  await allAsked();
  answerAll();
  await allAsked();
  running.signal('SIGTERM');
  await expect.poll(() => accepts(port), { timeout: PATIENCE_MS }).toBe(false);
  answerAll();
  const seen = clients.map(() => ['200 ok keep-alive', '200 ok close', 'ECONNREFUSED']);
  await expect.poll(() => clients, { timeout: PATIENCE_MS }).toEqual(seen);
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
});

it('calls that a vendor never answers are aborted at the end of the drain, and their requests are answered', async () => {
  const { origin, asked } = await slowVendor();
  // Without the second limit, the process ends because nothing is left.
  const change = (code: string): string => code.replace('6_000', '1').replace(/^.*process\.exit.*$/m, '');
  const { running, ask } = await start(origin, change);
  const answers = Array.from({ length: CALLS }, ask);
  await expect.poll(() => asked.length, { timeout: PATIENCE_MS }).toBe(CALLS);
  running.signal('SIGTERM');
  expect(await Promise.all(answers)).toEqual(answers.map(() => '502 aborted'));
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
});

/** Sends a request over a connection that stays open if the server lets it. Says what came back. */
function askKeptAlive(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path: '/ctc_1', agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve(`${answer.statusCode} ${text} ${answer.headers.connection}`));
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'E'));
  });
}
