import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from 'fuseline';
import { healthHandler } from 'fuseline/health';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { TokenGuard } from '../../../../runtime/operate/health/tokens.js';

// The real functions, watched.
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) };
});

const READ = 'read-token-0123456789';
const ADMIN = 'admin-token-0123456789';

beforeEach(() => {
  vi.mocked(timingSafeEqual).mockClear();
});

describe('what a header grants', () => {
  const guard = new TokenGuard([READ, 'the-next-read-token-01'], [ADMIN]);

  test.each([
    [`Bearer ${READ}`, 'read'],
    ['Bearer the-next-read-token-01', 'read'],
    [`Bearer ${ADMIN}`, 'admin'],
    [`bearer ${READ}`, 'read'],
    [`BEARER   ${READ}`, 'read'],
    [`Bearer ${READ}  `, 'read'],
    [null, 'none'],
    ['', 'none'],
    ['Bearer', 'none'],
    ['Bearer ', 'none'],
    [READ, 'none'],
    [`Basic ${READ}`, 'none'],
    [`Bearer\t${READ}`, 'none'],
    [` Bearer ${READ}`, 'none'],
    [`Bearer ${READ.toUpperCase()}`, 'none'],
    [`Bearer ${READ}x`, 'none'],
    [`Bearer ${READ.slice(0, -1)}`, 'none'],
    [`Bearer ${READ}\u0000`, 'none'],
    [`Bearer ${READ} x`, 'none'],
    // Two headers, as `Headers` joins them.
    [`Bearer ${READ}, Bearer ${READ}`, 'none'],
    [`Bearer ${READ},`, 'none'],
    [`Bearer "${READ}"`, 'none'],
    [`Bearer ${READ.replace('e', 'é')}`, 'none'],
    [`Bearer ${'x'.repeat(100_000)}`, 'none'],
    [`Bearer ${' '.repeat(100_000)}`, 'none'],
    ['Bearer undefined', 'none'],
  ])('%j: %s', (header, grant) => {
    expect(guard.grant(header)).toBe(grant);
  });

  test.each([
    ['right', `Bearer ${READ}`],
    ['wrong from the first character', `Bearer ${'z'.repeat(READ.length)}`],
    ['wrong at the last', `Bearer ${READ.slice(0, -1)}z`],
    ['of another length', 'Bearer z'],
    ['the admin’s', `Bearer ${ADMIN}`],
  ])('a token that is %s is compared with every one, by digest', (_, header) => {
    guard.grant(header);
    const { calls } = vi.mocked(timingSafeEqual).mock;
    expect(calls).toHaveLength(3);
    const digest = createHash('sha256').update(header.slice('Bearer '.length)).digest();
    for (const [given, known] of calls) {
      expect(Buffer.from(given as Buffer)).toEqual(digest);
      expect((known as Buffer).byteLength).toBe(32);
    }
  });
});

describe('tokens that cannot work', () => {
  test.each([
    ['short', { token: 'short' }, 'length of token is 5, expected 16 characters or more'],
    ['empty', { token: '' }, 'length of token is 0'],
    ['short, of several', { token: [READ, 'x'] }, 'length of token[1] is 1'],
    ['short, for admins', { token: READ, adminToken: 'abc' }, 'length of adminToken is 3'],
    ['an empty list', { token: [] }, 'token is a list, expected a token, or a list of at least one'],
    ['no text', { token: 1234567890123456 as unknown as string }, 'token is "number", expected a token'],
    ['no text, of several', { token: [null as unknown as string] }, 'token[0] is "object", expected a string'],
    ['with a line break', { token: `${READ}\n` }, 'Does the token end with a line break?'],
    ['with a space', { token: 'two words make no token' }, 'without spaces'],
    ['beyond ASCII', { token: 'schlüssel-schlüssel' }, 'ASCII'],
    ['one for both', { token: READ, adminToken: READ }, 'adminToken is "the same as token"'],
    ['one of several for both', { token: [ADMIN, READ], adminToken: ['another-token-0123456', READ] }, 'the same as token'],
  ])('%s', (_, options, message) => {
    const make = () => healthHandler({ warn: () => undefined, ...options });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(message);
  });

  test('no message shows a token', () => {
    const secret = 'secret secret secret secret';
    const makes = [{ token: secret }, { token: READ, adminToken: READ }, { adminToken: [READ, secret] }];
    for (const options of makes) {
      try {
        healthHandler({ warn: () => undefined, ...options });
        expect.unreachable();
      } catch (error) {
        expect(String(error) + JSON.stringify(error)).not.toMatch(new RegExp(`${secret}|${READ}`));
      }
    }
  });

  test('an inspected guard shows none either', async () => {
    const { inspect } = await import('node:util');
    expect(inspect(new TokenGuard(READ, ADMIN), { showHidden: true, depth: 9 })).not.toContain('token-0123456789');
  });
});
