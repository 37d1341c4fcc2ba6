import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { environmentVariables } from '../../../runtime/config/environment.js';
import { describeUnknown, unknownVariables, warnOfUnknownVariables } from '../../../runtime/config/unknown-variables.js';
import { testClient } from '../../support/client.js';

const found = (...names: string[]): readonly (readonly [string, string | undefined])[] =>
  unknownVariables(['ghl', 'my-crm'], Object.fromEntries(names.map((name) => [name, '3']))).map(({ name, meant }) => [name, meant]);

describe('misspelt environment variables', () => {
  test.each([
    ['GHL_CIRCUIT_BREAKER_FAILURE_TRESHOLD', 'GHL_CIRCUIT_BREAKER_FAILURE_THRESHOLD'],
    ['CIRCUIT_BREAKER_RECOVERY_TIMOUT', 'CIRCUIT_BREAKER_RECOVERY_TIMEOUT'],
    ['MY_CRM_CIRCUIT_BREAKER_ENABLE', 'MY_CRM_CIRCUIT_BREAKER_ENABLED'],
    ['FUSELINE_SLIDING_WINDOW_SIZ', 'FUSELINE_SLIDING_WINDOW_SIZE'],
    ['GHL_FUSELINE_RAMP_ENABLE', 'GHL_FUSELINE_RAMP_ENABLED'],
    ['GHL_RETRY_BASE_DELY', 'GHL_RETRY_BASE_DELAY'],
    ['GHL_MAX_RETRY_ATEMPTS', 'GHL_MAX_RETRY_ATTEMPTS'],
    ['RETRY_MAX_DELY', 'RETRY_MAX_DELAY'],
    ['RETRY_WAIT_FOR_PROBES', 'RETRY_WAIT_FOR_PROBE'],
    ['RETRY_EXPONENTAL_BSE', 'RETRY_EXPONENTIAL_BASE'],
    ['RETRY_JITTER', 'RETRY_JITTER_ENABLED'],
    ['MAX_RETRY_ATTEMPT', 'MAX_RETRY_ATTEMPTS'],
    ['CIRCUIT_BREAKER_COLOUR', undefined],
    ['FUSELINE_CAPTURE_STACK', undefined],
  ])('%s is probably %s', (name, meant) => {
    expect(found(name)).toEqual([[name, meant]]);
  });

  test('are none of those that are read', () => {
    expect(found(...environmentVariables('ghl'), ...environmentVariables('my-crm'), 'FUSELINE_ENV')).toEqual([]);
  });

  test.each([
    ...['FUSELINE_SLACK_URL', 'FUSELINE_TOKEN', 'FUSELINE_BASE_URL', 'OTHER_CIRCUIT_BREAKER_FAILURE_TRESHOLD', 'PATH'],
    ...[
      'RETRY_COUNT',
      'RETRY_DELAY',
      'RETRY_MAX',
      'RETRY_LIMIT',
      'RETRY_EXPONENTIAL_BACKOFF',
      'RETRY_JITTER_MS',
      'MAX_RETRY_COUNT',
      'MAX_RETRY_DELAY',
    ],
  ])('%s may be somebody else’s', (name) => {
    expect(found(name)).toEqual([]);
  });

  test('that look like an option without a variable are said to be one', () => {
    const [variable] = unknownVariables(['ghl'], { FUSELINE_CAPTURE_STACK: 'true' });
    expect(variable && describeUnknown(variable)).toEqual({
      message: 'the environment variable FUSELINE_CAPTURE_STACK has no effect: fuseline reads no variable of that name',
      hint: 'Only the option `captureStack` of a client sets it.',
    });
  });

  test('have no effect if they are empty', () => {
    expect(unknownVariables(['ghl'], { CIRCUIT_BREAKER_ENABLE: ' ', CIRCUIT_BREAKER_X: undefined })).toEqual([]);
  });
});

describe('the warning of a client', () => {
  let emitWarning: MockInstance<typeof process.emitWarning>;
  beforeEach(() => {
    emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => emitWarning.mockRestore());

  test('names the variable and the nearest one, once in the process, and not the value', () => {
    const env = { ACME_CIRCUIT_BREAKER_HALF_OPEN_CALS: 'secret' };
    testClient({ env });
    testClient({ env });
    testClient({ env: { ...env } });
    expect(emitWarning.mock.calls).toEqual([
      [
        'The environment variable ACME_CIRCUIT_BREAKER_HALF_OPEN_CALS has no effect: fuseline reads no variable of that name. Did you mean ACME_CIRCUIT_BREAKER_HALF_OPEN_CALLS?',
        { type: 'FuselineWarning', code: 'FUSELINE_UNKNOWN_VARIABLE' },
      ],
    ]);
  });

  test('searches an environment once for each service', () => {
    const keys = vi.fn(() => ['ACME_CIRCUIT_BREAKER_ENABLD']);
    const env = new Proxy({ ACME_CIRCUIT_BREAKER_ENABLD: '1' }, { ownKeys: keys });
    for (const service of ['acme', 'acme', 'other', 'acme']) warnOfUnknownVariables(service, env);
    expect(keys).toHaveBeenCalledTimes(2);
    expect(emitWarning).toHaveBeenCalledTimes(1);
  });
});
