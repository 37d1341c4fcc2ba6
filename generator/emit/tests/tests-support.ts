import type { SecurityDescriptor } from '../../../runtime/call/client/descriptor.js';
import { namedCredentials } from '../credentials.js';
import type { ServiceNames } from '../names.js';

/** Returns the parts of `<service>.test.ts` that are the same for every service except for its names. */
export function testBody(
  { client, prefix, typePrefix }: ServiceNames,
  security: SecurityDescriptor | undefined,
): { readonly before: string; readonly after: string } {
  const secret =
    security?.type === 'basic'
      ? "credentials: { username: 'test', password: 'test' }"
      : security?.type === 'all'
        ? namedCredentials(security, 'test')
        : "token: 'test'";
  return {
    before: `interface Case {
  readonly id: ${typePrefix}OperationId;
  /** The status of the example. */
  readonly status: number;
  /** A status that counts as a failure. Null: only connection errors count. */
  readonly failure: number | null;
  readonly enabled: boolean;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly recoveryTimeoutMs: number;
  readonly mock: Pick<${typePrefix}Mock<unknown>, 'example' | 'error' | 'networkError'> & (() => ReturnType<${typePrefix}Mock<unknown>['networkError']>);
  readonly run: (client: ${client}, options: CallOptions<never>) => Promise<unknown>;
}

const baseUrl = 'https://${prefix.toLowerCase()}.test';
const mocks = ${prefix}MocksAt(baseUrl);`,
    after: `/** Without retries, fallbacks and timeouts: each call is one request, and each failure counts. */
const COUNTED = { retry: false, fallback: false, timeoutMs: null, totalTimeoutMs: null } as const;

function setup(row: Case, options: ${client}Options = {}) {
  const clock = new FakeClock();
  const server = mockTransport();
  const registry = new BreakerRegistry({ clock });
  const client = new ${client}({ ${secret}, baseUrl, clock, dispatcher: server, registry, env: {}, environment: '', ...options });
  return {
    client,
    clock,
    requests: () => server.requests.length,
    succeed: () => server.use(row.mock()),
    fail: () => server.use(row.failure === null ? row.mock.networkError() : row.mock.error(row.failure)),
    call: () => row.run(client, COUNTED),
  };
}

type Setup = ReturnType<typeof setup>;

/** Fails until the circuit opens. */
async function open(row: Case, { fail, call }: Setup): Promise<void> {
  fail();
  for (let count = 0; count < row.failureThreshold; count += 1) await expect(call()).rejects.not.toBeInstanceOf(CircuitOpenError);
}

/** Waits for the recovery timeout, then sends one probe. */
async function probe(row: Case, { clock, call }: Setup): Promise<unknown> {
  await clock.advance(row.recoveryTimeoutMs);
  return call();
}

describe.each(cases.filter(({ enabled }) => enabled))('$id', (row) => {
  test(\`opens after \${row.failureThreshold} failures and then sends nothing\`, async () => {
    const state = setup(row);
    await open(row, state);
    expect(state.requests()).toBe(row.failureThreshold);
    await expect(state.call()).rejects.toBeInstanceOf(CircuitOpenError);
    expect(state.requests()).toBe(row.failureThreshold);
    expect(state.client.breaker(row.id).state).toBe('open');
  });

  test('stays open until the recovery timeout has passed', async () => {
    const state = setup(row);
    await open(row, state);
    await state.clock.advance(row.recoveryTimeoutMs - 1);
    await expect(state.call()).rejects.toBeInstanceOf(CircuitOpenError);
    expect(state.requests()).toBe(row.failureThreshold);
  });

  test(\`is half-open after the recovery timeout, and closes after \${row.successThreshold} successful probes\`, async () => {
    const state = setup(row);
    await open(row, state);
    state.succeed();
    await probe(row, state);
    expect(state.requests()).toBe(row.failureThreshold + 1);
    for (let count = 1; count < row.successThreshold; count += 1) {
      expect(state.client.breaker(row.id).state).toBe('half_open');
      await state.call();
    }
    expect(state.client.breaker(row.id).state).toBe('closed');
  });

  test('opens again when a probe fails', async () => {
    const state = setup(row);
    await open(row, state);
    await expect(probe(row, state)).rejects.not.toBeInstanceOf(CircuitOpenError);
    await expect(state.call()).rejects.toBeInstanceOf(CircuitOpenError);
    expect(state.requests()).toBe(row.failureThreshold + 1);
  });

  test('answers with the fallback from the options of the client', async () => {
    const answer = { from: 'fallback' };
    const state = setup(row, { fallbacks: { [row.id]: () => answer } as ${typePrefix}Fallbacks });
    await open(row, state);
    await expect(row.run(state.client, { retry: false })).resolves.toEqual(answer);
    expect(state.requests()).toBe(row.failureThreshold);
  });

  test(\`answers \${row.status} with its example\`, async () => {
    const state = setup(row);
    state.succeed();
    await expect(state.call()).resolves.toEqual(row.mock.example);
    expect(state.requests()).toBe(1);
  });
});

test.each(cases.filter(({ enabled }) => !enabled))('$id: calls pass because its circuit breaker is off', async (row) => {
  const state = setup(row);
  await open(row, state);
  await expect(state.call()).rejects.not.toBeInstanceOf(CircuitOpenError);
  expect(state.requests()).toBe(row.failureThreshold + 1);
});`,
  };
}
