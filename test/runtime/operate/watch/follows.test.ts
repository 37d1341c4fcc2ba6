import { afterEach, describe, expect, it } from 'vitest';
import { BreakerRegistry, CircuitOpenError, type ServiceClient } from '../../../../runtime/index.js';
import { type BreakerWatcher, watchBreakers } from '../../../../runtime/operate/configuration.js';
import { getCircuitBreaker } from '../../../../runtime/protect/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { errorOf, getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MemoryFile } from './memory-file.js';

let watcher: BreakerWatcher | undefined;

afterEach(() => watcher?.close());

function started(follows: readonly string[] = []): { client: ServiceClient; registry: BreakerRegistry; transport: InMemory } {
  const registry = new BreakerRegistry({ clock: new FakeClock() });
  const transport = new InMemory(answers(200));
  const policies = follows.length === 0 ? {} : { service: { follows } };
  const client = testClient({ registry, dispatcher: transport }, { baseUrl: 'https://acme.example', policies });
  return { client, registry, transport };
}

const call = (client: ServiceClient): Promise<unknown> => Promise.resolve(client.call(getThing, { id: 1 }));

describe('a service that follows another by its settings', () => {
  it('is refused while that one is open, without a request, and says so', async () => {
    const { client, registry, transport } = started(['auth']);
    const auth = getCircuitBreaker('auth', { registry });
    await call(client);
    expect(client.breaker().snapshot().blockedBy).toBeNull();
    auth.forceOpen();
    const error = await errorOf(call(client));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ dependency: 'auth' });
    expect(transport.requests).toHaveLength(1);
    expect(client.breaker().snapshot()).toMatchObject({ state: 'closed', blockedBy: 'auth' });
    expect(String(client.describe('things.get'))).toMatch(/^ {2}follows +\["auth"\] +service acme$/m);
  });

  it('follows one that is made later, too', async () => {
    const { client, registry } = started(['auth']);
    await call(client);
    getCircuitBreaker('auth', { registry }).forceOpen();
    expect(await errorOf(call(client))).toMatchObject({ dependency: 'auth' });
  });

  it('follows what a reload says, from then on; what code says stays', async () => {
    const { client, registry } = started();
    const [auth, vault, base] = ['auth', 'vault', 'base'].map((name) => getCircuitBreaker(name, { registry }));
    registry.follow('acme', ['base']);
    await call(client);
    const file = new MemoryFile('circuit_breaker: { services: { acme: { follows: auth }, auth: {}, vault: {} } }');
    watcher = watchBreakers({ file: 'b.yaml', source: file, clients: client, clock: new FakeClock() });
    await watcher.ready;
    expect(watcher.error).toBeUndefined();
    auth?.forceOpen();
    expect(client.breaker().blockedBy()).toBe(auth);
    file.text = 'circuit_breaker: { services: { acme: { follows: [vault] }, auth: {}, vault: {} } }';
    await watcher.check();
    expect(client.breaker().blockedBy()).toBeUndefined();
    vault?.forceOpen();
    expect(client.breaker().blockedBy()).toBe(vault);
    file.text = 'circuit_breaker: { services: { acme: {} } }';
    await watcher.check();
    expect(client.breaker().blockedBy()).toBeUndefined();
    base?.forceOpen();
    expect(client.breaker().blockedBy()).toBe(base);
    expect(await errorOf(call(client))).toMatchObject({ dependency: 'base' });
  });

  it('a file that would close a circle with what code says is refused, and changes nothing', async () => {
    const { client, registry } = started();
    registry.follow('auth', ['acme']);
    await call(client);
    const file = new MemoryFile('circuit_breaker: { services: { acme: { follows: auth, failure_threshold: 1 }, auth: {} } }');
    watcher = watchBreakers({ file: 'b.yaml', source: file, clients: client, clock: new FakeClock() });
    await watcher.ready;
    expect(watcher.error?.message).toContain('The circle: acme -> auth -> acme');
    expect(client.breaker().options.failureThreshold).toBe(5);
    getCircuitBreaker('auth', { registry }).forceOpen();
    expect(client.breaker().blockedBy()).toBeUndefined();
  });

  it('what another rule says of the same circuit still holds when the settings no longer say it', async () => {
    const { client, registry } = started();
    await call(client);
    const { name } = client.breaker();
    registry.follow(name, ['auth']);
    const file = new MemoryFile('circuit_breaker: { services: { acme: { follows: auth }, auth: {} } }');
    watcher = watchBreakers({ file: 'b.yaml', source: file, clients: client, clock: new FakeClock() });
    await watcher.ready;
    file.text = 'circuit_breaker: { services: { acme: {} } }';
    await watcher.check();
    getCircuitBreaker('auth', { registry }).forceOpen();
    expect(client.breaker().blockedBy()?.name).toBe('auth');
  });
});
