import { describe, expect, test } from 'vitest';
import { FAILURE, IGNORED, networkFault, RETRY, statusTable } from '../../../../runtime/call/answer/classify.js';
import { POLICY_DEFAULTS } from '../../../../runtime/config/defaults.js';

describe('statuses', () => {
  test('by default', () => {
    const table = statusTable(POLICY_DEFAULTS);
    const meaning = Object.fromEntries([...table].flatMap((bits, status) => (bits === 0 ? [] : [[status, bits]])));
    expect(meaning).toEqual({
      408: RETRY,
      425: RETRY,
      429: RETRY,
      500: FAILURE | RETRY,
      502: FAILURE | RETRY,
      503: FAILURE | RETRY,
      504: FAILURE | RETRY,
    });
  });

  test('a status can be in several lists', () => {
    const table = statusTable({ failureStatuses: [429], ignoredStatuses: [404, 429], retryStatuses: [429] });
    expect([table[404], table[429], table[200]]).toEqual([IGNORED, FAILURE | IGNORED | RETRY, 0]);
  });

  test('equal lists share a table, and different ones never do', () => {
    const of = (failureStatuses: number[], ignoredStatuses: number[]): Uint8Array =>
      statusTable({ failureStatuses, ignoredStatuses, retryStatuses: [] });
    expect(of([500], [])).toBe(of([500], []));
    expect(of([500], [])).not.toBe(of([], [500]));
    expect(of([5, 6], [])).not.toBe(of([56], []));
  });

  test('nonsense changes nothing', () => {
    const table = statusTable({ failureStatuses: [-1, 600, 9_999, Number.NaN, 1.5], ignoredStatuses: [], retryStatuses: [] });
    expect(table.every((bits) => bits === 0)).toBe(true);
    expect(table).toHaveLength(600);
  });
});

describe('network faults', () => {
  const coded = (code: string, more: object = {}): Error => Object.assign(new Error(code), { code, ...more });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])('%s: nothing was sent', (code) => {
    expect(networkFault(coded(code), true)).toMatchObject({ reason: code, neverSent: true, permanent: false });
  });

  test.each(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'ETIMEDOUT'])(
    '%s: nothing was sent, where it was met connecting',
    (code) => {
      expect(networkFault(coded(code, { syscall: 'connect' }), true)).toMatchObject({ reason: code, neverSent: true, permanent: false });
      expect(networkFault(coded(code, { syscall: 'read' }), true).neverSent).toBe(false);
      expect(networkFault(new Error('x', { cause: coded(code, { syscall: 'connect' }) }), true).neverSent).toBe(true);
    },
  );

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET'])('%s: perhaps sent, unless the request had not begun', (code) => {
    expect(networkFault(coded(code), true)).toMatchObject({ reason: code, neverSent: false, permanent: false });
    expect(networkFault(coded(code), false).neverSent).toBe(true);
  });

  test.each([
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UND_ERR_CLOSED',
  ])('%s: no second attempt will help', (code) => {
    expect(networkFault(coded(code), false).permanent).toBe(true);
  });

  test.each([
    ['EMFILE', true],
    ['EADDRNOTAVAIL', true],
    ['EAI_AGAIN', true],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', true],
    ['UND_ERR_CLOSED', true],
    ['ENOTFOUND', false],
    ['ECONNREFUSED', false],
    ['ECONNRESET', false],
    ['CERT_HAS_EXPIRED', false],
  ])('%s is on our side: %s', (code, ownSide) => {
    expect(networkFault(coded(code), false).ownSide).toBe(ownSide);
  });

  test.each(['EMFILE', 'EADDRNOTAVAIL', 'EACCES'])('%s of fetch, connecting: nothing was sent, and another attempt can help', (code) => {
    const error = new TypeError('fetch failed', { cause: coded(code, { syscall: 'connect' }) });
    expect(networkFault(error, true)).toMatchObject({ neverSent: true, permanent: false, fault: 'local' });
  });

  test('the code is found below causes and in an aggregate', () => {
    const wrapped = new TypeError('fetch failed', { cause: new Error('x', { cause: coded('ECONNRESET') }) });
    expect(networkFault(wrapped, true).reason).toBe('ECONNRESET');
    const many = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
    expect(networkFault(new Error('x', { cause: many }), true).reason).toBe('ECONNREFUSED');
    expect(networkFault(Object.assign(many, { code: 'ETIMEDOUT' }), true).reason).toBe('ETIMEDOUT');
  });

  test('what has no code is unknown, and a cycle of causes ends', () => {
    const cycle = new Error('x');
    cycle.cause = cycle;
    const values: unknown[] = [new Error('x'), cycle, undefined, null, 'ECONNRESET', 5, { code: 5 }, new AggregateError([])];
    for (const value of values) expect(networkFault(value, true)).toMatchObject({ reason: 'unknown', neverSent: false, permanent: false });
  });
});
