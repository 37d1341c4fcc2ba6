import { FuselineError } from 'fuseline';
import { beforeAll, describe, expect, it } from 'vitest';
import { search } from './canary.js';
import { fedWorld } from './feed.js';
import { ALERTED, ANSWERED, NAMES, SENT } from './secrets.js';
import { SINKS } from './sinks.js';
import type { World } from './world.js';
import { written } from './written.js';

let world: World;
/** Collected once, in order: some sinks are emptied by it, and the last health pages change circuits. */
const texts = new Map<string, string>();

beforeAll(async () => {
  world = await fedWorld();
  for (const { name, collect } of SINKS) texts.set(name, await collect(world));
});

describe('secrets', () => {
  it.each(SINKS)('are not in $name', ({ name, holds, shows = [] }) => {
    const text = texts.get(name) ?? '';
    expect(text).toContain(holds);
    const hidden = NAMES.filter((secret) => !shows.includes(secret));
    expect(Object.fromEntries(search(text, hidden))).toEqual({});
  });

  it.each(SINKS.filter(({ shows }) => shows !== undefined))('are in $name where that is the purpose', ({ name, shows = [] }) => {
    expect([...search(texts.get(name) ?? '', shows).keys()].sort()).toEqual([...shows].sort());
  });
});

describe('the secrets were there', () => {
  it('all that a client is told was sent', () => {
    expect([...search(world.wire.join('\n'), SENT).keys()]).toEqual([...SENT]);
  });

  it('all that a server answers reached the caller, who asked for it by name', () => {
    const reached = ANSWERED.filter((name) => name !== 'statusText');
    expect([...search(written(world.answered), reached).keys()]).toEqual(reached);
  });

  it('all credentials of channels were used', () => {
    const used = ALERTED.filter((name) => !['webhookSecret', 'receiverSays', 'smtpSays'].includes(name));
    expect([...search(world.receivers.everything(), used).keys()]).toEqual(used);
  });

  it('every kind of failure happened', () => {
    const kinds = world.errors.flatMap((error) => (error instanceof FuselineError ? [error.kind] : []));
    expect([...new Set(kinds)].sort()).toEqual([
      'aborted',
      'bulkhead_full',
      'circuit_open',
      'configuration',
      'http',
      'network',
      'rate_limited',
      'request',
      'response',
      'retry_exhausted',
      'sign_in',
      'thrown',
      'timeout',
    ]);
  });
});
