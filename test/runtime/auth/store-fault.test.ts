import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../support/client.js';
import { SignInWorld } from './fixture.js';

const SECRET = 's3cr"et/token';
const TOKENS = { accessToken: SECRET, refreshToken: 'other s3cr' };

/** The error of `save`, or of a renewal, whose store does `fails`. */
async function failureOf(method: 'load' | 'save', fails: (account: string, tokens?: object) => never): Promise<Error> {
  const world = new SignInWorld({ load: () => undefined, save: () => undefined, [method]: fails });
  const auth = world.sign();
  return (await errorOf(method === 'load' ? Promise.resolve(auth.get()) : auth.save(TOKENS))) as Error;
}

const printed = (error: Error): string =>
  [
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(error.cause),
    String(error.cause),
    error.stack,
  ].join('\n');

describe('an error of the store', () => {
  test.each<[string, (tokens: object) => unknown]>([
    ['fields', (tokens) => Object.assign(new Error('duplicate key'), { parameters: ['ana', tokens], sql: JSON.stringify(tokens) })],
    ['its message', (tokens) => new Error(`cannot save ${JSON.stringify(tokens)}`)],
    ['a form', () => new Error(`cannot send ${new URLSearchParams({ a: SECRET })} ${encodeURIComponent(SECRET)}`)],
    ['its cause', (tokens) => new Error('failed query', { cause: Object.assign(new Error(`params: ${SECRET}`), { tokens }) })],
    [
      'its class',
      (tokens) =>
        new (class extends Error {
          override name = SECRET;
          readonly tokens = tokens;
        })('x'),
    ],
    ['its stack', () => Object.assign(new Error('x'), { stack: `Error: ${SECRET}\n    at save (${SECRET}:1:2)` })],
    ['no error at all', (tokens) => tokens],
    ['a text', () => `no place for ${SECRET}`],
    ['a function', (tokens) => Object.assign(() => undefined, { tokens })],
  ])('that holds tokens in %s is shown without them', async (_, thrown) => {
    const error = await failureOf('save', (_account, tokens) => {
      throw thrown(tokens ?? {});
    });
    expect(error).toMatchObject({ reason: 'store', message: expect.stringContaining('(save)') });
    expect(printed(error)).not.toMatch(/s3cr/);
  });

  test.each<[string, () => unknown]>([
    ['a parser', () => JSON.parse(`s3cret ${SECRET}`)],
    ['a message that names them', () => Promise.reject(new Error('row {"refresh_token":"s3cret", accessToken: \'s3cret\'} is wrong'))],
    ['a cause', () => Promise.reject(new Error('bad row', { cause: new SyntaxError('Unexpected token s3cret') }))],
  ])('that read stored tokens: %s', async (_, load) => {
    const error = await failureOf('load', load as never);
    expect(error).toMatchObject({ reason: 'store', message: expect.stringContaining('(load)') });
    expect(printed(error)).not.toMatch(/s3cr/);
  });

  test('says otherwise what it said', async () => {
    const thrown = new TypeError('connect ECONNREFUSED', { cause: new RangeError('inner') });
    const error = await failureOf('save', () => {
      throw Object.assign(thrown, { code: 'ECONNREFUSED' });
    });
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' });
    expect(error.cause).toMatchObject({ cause: { name: 'RangeError', message: 'inner' } });
    expect((error.cause as Error).stack).toMatch(/^TypeError: connect ECONNREFUSED\n {4}at .*store-fault\.test/);
  });

  test('that cannot be read fails the sign-in all the same', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const error = await failureOf('save', () => {
      throw proxy;
    });
    expect(error.cause).toMatchObject({ message: 'the store threw something that cannot be read' });
  });

  test('whose causes are a circle is copied as far as needed', async () => {
    const circle = new Error('round');
    circle.cause = circle;
    const error = await failureOf('save', () => {
      throw circle;
    });
    expect(printed(error)).toContain('round');
  });
});
