import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BreakerRegistry, ConfigurationError, defaultRegistry, type FuselineEvent, type ServiceClient } from 'fuseline';
import { type ApplyOptions, applyBreakers, DiagnosticError, watchBreakers } from 'fuseline/config';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MemoryFile } from './memory-file.js';

let registry: BreakerRegistry;
let clock: FakeClock;
let events: FuselineEvent[];

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  events = [];
  registry.subscribe((event) => events.push(event));
});

const client = (given: BreakerRegistry = registry): ServiceClient =>
  testClient({ token: 't', clock, registry: given, dispatcher: new InMemory(answers(503)) }, { baseUrl: 'https://acme.example' });
const acme = (settings: string): string => `circuit_breaker:\n  services:\n    acme: { ${settings} }\n`;
const apply = (text: string | undefined, options: Partial<ApplyOptions> = {}) =>
  applyBreakers({ file: 'b.yaml', registry, clock, source: new MemoryFile(text), ...options });
const threshold = (of: ServiceClient): number => of.breaker('things.get').options.failureThreshold;

describe('applyBreakers', () => {
  it('applies to running clients and to those made later, and says what it changed', async () => {
    const running = client();
    running.breaker('things.get');
    const applied = await apply(acme('failure_threshold: 9'));
    expect(applied).toMatchObject({ file: 'b.yaml', services: ['acme'], warnings: [] });
    expect(applied.config.services.has('acme')).toBe(true);
    expect([threshold(running), threshold(client())]).toEqual([9, 9]);
    expect(events).toMatchObject([{ type: 'config_reloaded', file: 'b.yaml', services: ['acme'] }]);
  });

  it('reads the file once, from disk, relative to cwd', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fuseline-apply-'));
    try {
      writeFileSync(join(folder, 'b.yaml'), acme('failure_threshold: 8'));
      await applyBreakers({ file: 'b.yaml', cwd: folder, registry });
      writeFileSync(join(folder, 'b.yaml'), acme('failure_threshold: 7'));
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(threshold(client())).toBe(8);
  });

  it('applies to the registry of the process, if neither clients nor a registry are given', async () => {
    try {
      await apply(acme('failure_threshold: 6'), { registry: undefined });
      expect(threshold(client(defaultRegistry))).toBe(6);
      expect(threshold(client())).toBe(5);
    } finally {
      defaultRegistry.clear();
      await apply('circuit_breaker: {}', { registry: undefined });
    }
  });

  it('replaces what it said before, and what a watcher said', async () => {
    await apply(acme('failure_threshold: 9, success_threshold: 8'));
    await apply(acme('success_threshold: 7'));
    expect(client().breaker('things.get').options).toMatchObject({ failureThreshold: 5, successThreshold: 7 });
    const watcher = watchBreakers({ file: 'b.yaml', registry, clock, pollMs: null, source: new MemoryFile(acme('failure_threshold: 4')) });
    await watcher.ready;
    await apply(acme('failure_threshold: 3'));
    expect(threshold(client())).toBe(3);
    watcher.close();
  });

  it('rejects with every error and its place, and changes nothing', async () => {
    const running = client();
    running.breaker('things.get');
    await apply(acme('failure_threshold: 9'));
    const bad = `${acme('failure_threshold: 0, timeout_seconds: 3')}    other: { retry: maybe }\n`;
    const error = await errorOf(apply(bad, { clients: running }));
    expect(error).toBeInstanceOf(DiagnosticError);
    expect((error as Error).message.split('\n')).toEqual([
      expect.stringMatching(/^b\.yaml:3:32 `failure_threshold` is 0, expected/),
      expect.stringMatching(/^b\.yaml:4:21 `retry` is "maybe", expected/),
    ]);
    expect(threshold(running)).toBe(9);
    expect(events.at(-1)).toMatchObject({ type: 'config_rejected', code: 'bad-value' });
  });

  it('warns of a service that no client has, if its name is close to that of a client', async () => {
    const heard: Error[] = [];
    const hear = (warning: Error): void => void heard.push(warning);
    process.on('warning', hear);
    try {
      const running = client();
      const misspelt = 'circuit_breaker:\n  services:\n    acmee: { failure_threshold: 9 }\n';
      for (let at = 0; at < 2; at++) {
        const { warnings } = await apply(misspelt, { clients: running });
        expect(warnings).toMatchObject([{ code: 'unused-service', line: 3, column: 5, hint: 'Did you mean `acme`?' }]);
      }
      await new Promise((resolve) => setImmediate(resolve));
      const text =
        'b.yaml:3 No client in this process is of the service "acmee", so its settings have no effect here. Did you mean `acme`?';
      expect(heard.map(({ message }) => message)).toEqual([text]);
      expect(heard[0]).toMatchObject({ code: 'FUSELINE_UNUSED_SERVICE' });
    } finally {
      process.off('warning', hear);
    }
  });

  it.each([
    ['is close to no client', 'billing: {}'],
    ['is close to a service that the file names, too', 'acme: {}, acme2: {}'],
  ])('warns of none whose name %s', async (_, services) => {
    const running = client();
    expect((await apply(`circuit_breaker: { services: { ${services} } }`, { clients: running })).warnings).toEqual([]);
  });

  it('rejects a file that is not there, and an operation that its clients do not have', async () => {
    await expect(apply(undefined)).rejects.toThrow(/^b\.yaml There is no such file/);
    const misspelt = acme('operations: { things.gett: { timeout_seconds: 1 } }');
    await expect(apply(misspelt, { clients: client() })).rejects.toThrow('Service `acme` has no operation "things.gett"');
    await apply(misspelt);
  });

  it('rejects a file that contradicts the options of one of several clients, for all of them', async () => {
    const others = new BreakerRegistry({ clock });
    const strict = testClient({ token: 't', registry: others, breaker: { failureThreshold: 9 } }, { baseUrl: 'https://acme.example' });
    const easy = client();
    for (const one of [easy, strict]) one.breaker('things.get');
    const text = acme('success_threshold: 7, sliding_window: { size: 8, failure_threshold_counts: window }');
    await expect(apply(text, { clients: [easy, strict], registry: undefined })).rejects.toThrow('at most slidingWindow.size, which is 8');
    expect([easy, strict].map((one) => one.breaker('things.get').options.successThreshold)).toEqual([3, 3]);
  });

  it.each<[string, unknown, RegExp]>([
    ['options', undefined, /options of applyBreakers/],
    ['file', { file: '' }, /file is .*expected the name of a file/],
    ['registry', { file: 'b.yaml', registry: {} }, /registry is an object, expected a BreakerRegistry/],
    ['clients', { file: 'b.yaml', clients: [{}] }, /clients is an object, expected clients made by this copy of fuseline/],
  ])('refuses %s that cannot work', async (_, options, message) => {
    const error = await errorOf(applyBreakers(options as ApplyOptions));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(message);
  });
});
