import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { handlesSigterm } from '../docs/pasted-code.js';
import { accepts } from '../support/accepts.js';
import { type DocBlock, fencedBlocks } from '../support/doc-blocks.js';
import { DocProject } from '../support/doc-process.js';
import { PATIENCE_MS } from '../support/patience.js';
import { withResolvers } from '../support/with-resolvers.js';

/** A server that an application has beside the block; `closes`: at `SIGTERM` it is closed, as the documentation says. */
const application = (closes: boolean): string => `
import { createServer, type ServerResponse } from 'node:http';
const server = createServer().listen(0, '127.0.0.1', () => console.log('ready'));
${closes ? "process.once('SIGTERM', () => server.close());" : ''}
`;

/** Opens a circuit, as an outage does. */
const OUTAGE = `
import { getCircuitBreaker } from 'fuseline/protect';
await getCircuitBreaker('billing', { failureThreshold: 1 }).call(() => Promise.reject(new Error('down'))).catch(() => undefined);
`;

const ALERTS = (port: number): string => `
circuit_breaker:
  services:
    ghl: {}
alerts:
  channels:
    tickets: { type: webhook, url: 'http://127.0.0.1:${port}/alerts', secret_env: TICKETS_SECRET }
`;

// Nothing listens on port 1: Redis is down.
const ENV = { TICKETS_SECRET: 'an invented secret', REDIS_URL: 'redis://127.0.0.1:1', HEALTH_TOKEN: 'an-invented-token' };

/** Free ports for the blocks that serve HTTP, so that they can run beside others. */
const runnable = ({ code }: DocBlock): string =>
  code.replace('.listen(9090,', '.listen(0,').replace('.listen(3000)', ".listen(0, '127.0.0.1')");

const blocks = fencedBlocks().filter(({ language, code }) => language === 'ts' && handlesSigterm(code));

function blockOf(file: string): DocBlock {
  const found = blocks.find((block) => block.file === file);
  if (found === undefined) throw new Error(`${file} has no block that handles SIGTERM`);
  return found;
}

let project: DocProject;
beforeEach(() => {
  project = new DocProject();
});
afterEach(() => project.remove());

/** A receiver of webhooks that answers late, so that a message is under way when the signal comes. */
async function receiver(): Promise<{ readonly port: number; readonly types: string[] }> {
  const types: string[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    types.push((JSON.parse(Buffer.concat(parts).toString()) as { type: string }).type);
    setTimeout(() => response.end(), 200);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, types };
}

describe('the blocks of the documentation that handle SIGTERM', () => {
  it('are those of alerts, frameworks, the life of a client, saved state and shared state', () => {
    expect(blocks.map(({ file }) => file)).toEqual([
      'docs/alerts.md',
      'docs/frameworks.md',
      'docs/lifecycle.md',
      'docs/policies/saved-state.md',
      'docs/policies/shared-state.md',
    ]);
  });

  it('end the process before `docker stop` kills it, which is after 10 seconds', () => {
    const limits = blocks.map(({ code }) => /process\.exit\(\), ([\d_]+)\)/.exec(code)?.[1]);
    expect(limits).toEqual(blocks.map(() => '8_000'));
  });

  it.each(blocks.map((block) => [block.place, block] as const))(
    '%s survives a first start without its services, and ends with the application',
    async (_, block) => {
      project.write('specs/breakers.yaml', ALERTS(1));
      project.write('block.ts', runnable(block));
      project.write('main.ts', `import './block.js';\n${application(true)}`);
      const running = await project.start('main.ts', ENV);
      running.signal('SIGTERM');
      expect(await running.ended).toMatchObject({ code: 0, signal: null });
    },
  );

  it('work together, and end a process that something else holds', async () => {
    const { port, types } = await receiver();
    project.write('specs/breakers.yaml', ALERTS(port));
    for (const [at, block] of blocks.entries()) project.write(`block${at}.ts`, runnable(block));
    const imports = blocks.map((_, at) => `import './block${at}.js';\n`).join('');
    project.write('main.ts', `${imports}${OUTAGE}${application(false)}`);
    const running = await project.start('main.ts', ENV);
    running.signal('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, signal: null });
    expect(types).toEqual(['circuit_open']);
    expect(JSON.parse(readFileSync(join(project.folder, 'circuits.json'), 'utf8'))).toMatchObject({
      circuits: [{ name: 'billing', state: 'open' }],
    });
  });
});

it('the block of saved state restores at its second start what it saved at the first', async () => {
  project.write('block.ts', runnable(blockOf('docs/policies/saved-state.md')));
  project.write('first.ts', `import './block.js';\n${OUTAGE}${application(true)}`);
  project.write(
    'second.ts',
    `import './block.js';\nimport { getCircuitBreaker } from 'fuseline/protect';\nconsole.log('billing is', getCircuitBreaker('billing', { failureThreshold: 1 }).state);\n${application(true)}`,
  );
  for (const [file, said] of [
    ['first.ts', 'ready'],
    ['second.ts', 'billing is open'],
  ] as const) {
    const running = await project.start(file);
    running.signal('SIGTERM');
    const ending = await running.ended;
    expect(ending).toMatchObject({ code: 0, signal: null });
    expect(ending.output).toContain(said);
    expect(existsSync(join(project.folder, 'circuits.json'))).toBe(true);
  }
});

it('the block of saved state answers the request that is under way at SIGTERM, with the call in it, and saves the file', async () => {
  const asked = withResolvers<ServerResponse>();
  const vendor = createServer((_, response) => asked.resolve(response)).listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  onTestFinished(() => void vendor.close());
  const call = `
    const { getCircuitBreaker } = await import('fuseline/protect');
    const vendor = await getCircuitBreaker('vendor').call(() => fetch('http://127.0.0.1:${(vendor.address() as AddressInfo).port}/'));
    response.end(await vendor.text());`;
  const application = runnable(blockOf('docs/policies/saved-state.md'))
    .replace('(_request, response) => {', 'async (_request, response) => {')
    .replace("response.end('ok'); // your application", call);
  expect(application).toContain(call);
  const listening = "server.once('listening', () => console.log('port', server.address().port, '\\nready'));";
  project.write('main.ts', `${application}${OUTAGE}${listening}`);
  const running = await project.start('main.ts');
  const port = /^port (\d+)/m.exec(running.output())?.[1];
  const answer = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then((response) => response.text());
  const vendorsAnswer = await Promise.race([asked.promise, answer.then((text) => Promise.reject(new Error(text)))]);
  running.signal('SIGTERM');
  // The server refuses connections from the signal on.
  await expect.poll(() => accepts(Number(port)), { timeout: PATIENCE_MS }).toBe(false);
  vendorsAnswer.end('the answer of the vendor');
  expect(await answer).toBe('the answer of the vendor');
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
  expect(JSON.parse(readFileSync(join(project.folder, 'circuits.json'), 'utf8'))).toMatchObject({
    circuits: [{ name: 'billing', state: 'open' }],
  });
});

// The block of the life of a client has a test of its own, with a vendor.
it.each(['docs/frameworks.md', 'docs/policies/saved-state.md'].map((file) => [file, blockOf(file)] as const))(
  '%s ends a connection whose request was on its way at SIGTERM with the answer',
  async (_, block) => {
    const listening = "server.once('listening', () => console.log('port', (server.address() as any).port, '\\nready'));";
    project.write('main.ts', `${runnable(block)}${listening}`);
    const running = await project.start('main.ts', ENV);
    const port = Number(/^port (\d+)/m.exec(running.output())?.[1]);
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    const ended = once(socket, 'end');
    let answers = '';
    socket.on('data', (text: string) => (answers += text));
    // One answer, so that the connection is known to be served; then the beginning of the next request.
    socket.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => answers, { timeout: PATIENCE_MS }).toMatch(/^HTTP/);
    answers = '';
    socket.write('GET /second HTTP/1.1\r\nHost: a\r\n');
    running.signal('SIGTERM');
    await expect.poll(() => accepts(port), { timeout: PATIENCE_MS }).toBe(false);
    socket.write('\r\n');
    await ended;
    expect(answers).toMatch(/^HTTP.*\r\nconnection: close\r\n/is);
    expect(await running.ended).toMatchObject({ code: 0, signal: null });
  },
);

it('a second SIGTERM ends the process immediately', async () => {
  project.write('block.ts', runnable(blockOf('docs/policies/saved-state.md')));
  project.write('main.ts', `import './block.js';\nprocess.once('SIGTERM', () => console.log('asked once'));\n${application(false)}`);
  const running = await project.start('main.ts');
  running.signal('SIGTERM');
  await expect.poll(() => running.output(), { timeout: PATIENCE_MS }).toContain('asked once');
  running.signal('SIGTERM');
  expect(await running.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
});

it('what the documentation gives no handler keeps no process alive', async () => {
  project.write(
    'main.ts',
    `
import { defaultRegistry } from 'fuseline';
import { adaptThresholds } from 'fuseline/adaptive';
import { watchBreakers } from 'fuseline/config';
import { logEvents } from 'fuseline/logging';
import { collectMetrics } from 'fuseline/metrics';
import { HealthMonitor } from 'fuseline/monitor';
import { register } from 'prom-client';

adaptThresholds(defaultRegistry, { failureThreshold: { min: 3, max: 10 } });
await watchBreakers({ file: 'breakers.yaml', onError: () => undefined }).ready;
logEvents(defaultRegistry, console);
collectMetrics({ register });
await new HealthMonitor({ checks: { billing: () => true } }).start().checkAll();
console.log('ready');
`,
  );
  const running = await project.start('main.ts');
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
});
