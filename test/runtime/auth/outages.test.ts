import { memoryTokens } from 'fuseline/auth';
import { circuitBreakersReport, dependenciesReport } from 'fuseline/health';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TokenSource } from '../../../runtime/call/client/credentials.js';
import { Journal } from '../../../runtime/operate/dashboard/journal.js';
import { standingOf } from '../../../runtime/operate/dashboard/page/words.js';
import { rowOf } from '../../../runtime/operate/dashboard/row.js';
import { Selection } from '../../../runtime/operate/dashboard/selection.js';
import { Traffic } from '../../../runtime/operate/dashboard/traffic.js';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { SignInWorld } from './fixture.js';

let world: SignInWorld;

beforeEach(() => {
  world = new SignInWorld();
});

const clientOf = (token: TokenSource) => {
  const { registry, clock } = world;
  return testClient({ baseUrl: 'http://api.test', token, registry, clock, dispatcher: new InMemory(answers(200, {})), retry: false });
};
const health = () => circuitBreakersReport(world.registry, world.clock);
const dependencies = () => dependenciesReport({ registry: world.registry, clock: world.clock });
const HEALTHY = [{ service: 'all', severity: 'info', message: 'All circuit breakers are healthy', action: 'No action required' }];
const ask = (auth: { get(): string | Promise<string> }) => errorOf(Promise.resolve(auth.get()));

describe('a sign-in that a person must mend', () => {
  test('is not healthy: both the sign-in and its service say what to do, until it gives tokens again', async () => {
    world.valid = 'another';
    const auth = world.sign();
    const client = clientOf(auth);
    await errorOf(client.call(getThing, { id: '1' }));
    await world.clock.advance(60_000);

    const action = 'Sign in again, and save the new tokens';
    const signIn = world.registry.list().find(({ service }) => service === 'sign-in');
    expect(health()).toMatchObject({
      overall_status: 'degraded',
      recommendations: [
        {
          service: signIn?.name,
          severity: 'critical',
          message: 'The sign-in fails, for 60 s: the server does not accept the refresh token any more',
          action,
        },
        {
          severity: 'warning',
          message: expect.stringContaining('Calls fail because the sign-in sign-in fails'),
          action: `See ${signIn?.name}`,
        },
      ],
    });
    const told = { status: 'degraded', sign_in: { name: 'sign-in', reason: 'expired', accounts: 1, action } };
    expect(dependencies()).toMatchObject({ status: 'degraded', dependencies: { 'sign-in': told, acme: told } });

    const selection = new Selection(world.registry, world.clock, 100);
    const source = { journal: new Journal(world.registry), traffic: new Traffic(selection, world.clock), clock: world.clock };
    const rows = () => world.registry.list().map((circuit) => rowOf(circuit, source, undefined, selection.outages));
    expect(rows().map((row) => [standingOf(row), row.signIn?.action])).toEqual([
      ['failing', action],
      ['failing', action],
    ]);

    await auth.save({ refreshToken: 'another' });
    await client.call(getThing, { id: '1' });
    expect(health()).toMatchObject({ overall_status: 'healthy', recommendations: HEALTHY });
    expect(dependencies()).toMatchObject({ status: 'healthy', dependencies: { 'sign-in': { sign_in: null }, acme: { sign_in: null } } });
    expect(rows().map((row) => [standingOf(row), row.signIn])).toEqual([
      ['closed', null],
      ['closed', null],
    ]);
  });

  test('recovers by a renewal, and also if another object of the same account gets it', async () => {
    world.first.push(answers(401, { error: 'invalid_client' }));
    await ask(world.sign());
    expect(health().recommendations).toMatchObject([{ action: 'Check clientId, clientSecret, clientAuth and scope' }]);
    await world.sign().get();
    expect(health()).toMatchObject({ overall_status: 'healthy', recommendations: HEALTHY });
  });

  test('is told from one of the same name at another address, and from services that do not use it', async () => {
    const client = clientOf(world.sign({ tokenUrl: 'http://other.test/token', store: memoryTokens() }));
    await client.call(getThing, { id: '1' });
    world.first.push(answers(401, { error: 'invalid_client' }));
    await ask(world.sign());
    const unwell = health().recommendations.map(({ service }) => service);
    expect(unwell).toEqual([world.registry.list().find(({ name }) => name.includes('login.test'))?.name ?? 'sign-in']);
    expect(dependencies().dependencies['acme']).toMatchObject({ status: 'healthy', sign_in: null });
  });

  test('counts its accounts, and forgets a tenant that nobody asked for in an hour, but not the account without a name', async () => {
    world.valid = 'another';
    const auth = world.sign({ refreshToken: 'dead' });
    await auth.for('a').save({ refreshToken: 'dead a' });
    await auth.for('b').save({ refreshToken: 'dead b' });
    for (const account of [auth.for('a'), auth.for('b')]) await ask(account);
    expect(health().recommendations).toMatchObject([{ message: expect.stringMatching(/^The sign-in of 2 accounts fails/) }]);
    await world.clock.advance(3_000_000);
    await ask(auth.for('b'));
    await world.clock.advance(700_000);
    expect(health().recommendations).toMatchObject([{ message: expect.stringMatching(/^The sign-in of the account b fails/) }]);
    await world.clock.advance(3_600_000);
    expect(health().recommendations).toEqual(HEALTHY);
    await ask(auth);
    await world.clock.advance(36_000_000);
    expect(health().recommendations).toMatchObject([{ message: expect.stringMatching(/^The sign-in fails/) }]);
  });

  test('is none while the endpoint is unavailable: that ends by itself', async () => {
    world.first.push(answers(503), answers(503));
    await ask(world.sign());
    expect(health().overall_status).toBe('healthy');
  });
});
