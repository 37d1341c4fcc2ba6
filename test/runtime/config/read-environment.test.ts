import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEnvironment } from '../../../runtime/config/read-environment.js';
import { polluted } from '../../support/polluted.js';

const service = { name: 'acme', policies: {} };

beforeEach(() => {
  for (const name of ['FUSELINE_ENV', 'NODE_ENV']) vi.stubEnv(name, undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the variables of the process', () => {
  const cases = () => {
    expect(readEnvironment(service, undefined)).toEqual({ environment: undefined, variables: {} });
    vi.stubEnv('MAX_RETRY_ATTEMPTS', '2');
    vi.stubEnv('ACME_MAX_RETRY_ATTEMPTS', '3');
    vi.stubEnv('OTHER_MAX_RETRY_ATTEMPTS', '4');
    expect(readEnvironment(service, undefined).variables).toEqual({ MAX_RETRY_ATTEMPTS: '2', ACME_MAX_RETRY_ATTEMPTS: '3' });
    vi.stubEnv('ACME_MAX_RETRY_ATTEMPTS', '5');
    vi.stubEnv('MAX_RETRY_ATTEMPTS', undefined);
    expect(readEnvironment(service, undefined).variables).toEqual({ ACME_MAX_RETRY_ATTEMPTS: '5' });
    vi.stubEnv('NODE_ENV', 'production');
    expect(readEnvironment(service, undefined).environment).toBe('production');
    vi.stubEnv('FUSELINE_ENV', 'staging');
    expect(readEnvironment(service, undefined).environment).toBe('staging');
  };

  it('are read anew each time', cases);

  it('are read anew each time if there are many', () => {
    for (let at = 0; at < 100; at++) vi.stubEnv(`SOME_VARIABLE_${at}`, `${at}`);
    readEnvironment(service, undefined);
    cases();
  });

  it('are not read if others are given', () => {
    vi.stubEnv('MAX_RETRY_ATTEMPTS', '2');
    const given = { RETRY_JITTER_ENABLED: 'false', NODE_ENV: 'test', PATH: '/', RETRY_MAX_DELAY: undefined };
    expect(readEnvironment(service, given)).toEqual({ environment: 'test', variables: { RETRY_JITTER_ENABLED: 'false' } });
  });

  it.each([
    ['the process', undefined],
    ['an object', {}],
  ])('takes nothing from Object.prototype: %s', (_, given) => {
    expect(polluted('ACME_MAX_RETRY_ATTEMPTS', '9', () => readEnvironment(service, given).variables)).toEqual({});
  });

  it('takes what the class of a given object has', () => {
    expect(readEnvironment(service, Object.create({ ACME_MAX_RETRY_ATTEMPTS: '9' })).variables).toEqual({ ACME_MAX_RETRY_ATTEMPTS: '9' });
  });
});
