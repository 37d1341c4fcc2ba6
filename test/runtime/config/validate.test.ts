import { describe, expect, it } from 'vitest';
import { parseBreakers } from '../../../runtime/config/index.js';
import { ghl, messages } from './messages.js';

const LIMIT = 'a number of seconds from 0.001 to 86,400, or false for no limit';

describe('bad values', () => {
  it.each<[string, string]>([
    [
      'failure_threshold: 0',
      '`failure_threshold` is 0, expected a whole number, 1 or more. | To keep a circuit from opening, set `enabled: false`.',
    ],
    ['failure_threshold: -3', '`failure_threshold` is -3, expected a whole number, 1 or more.'],
    ['failure_threshold: 2.5', '`failure_threshold` is 2.5, expected a whole number, 1 or more.'],
    ['failure_threshold: .nan', '`failure_threshold` is .nan, expected a whole number, 1 or more.'],
    ['failure_threshold: .inf', '`failure_threshold` is .inf, expected a whole number, 1 or more.'],
    ['failure_threshold: "3"', '`failure_threshold` is "3", expected a whole number, 1 or more. | Write `3`, as a plain number.'],
    ['failure_threshold: [3]', '`failure_threshold` is a list, expected a whole number, 1 or more.'],
    ['failure_threshold: { a: 3 }', '`failure_threshold` is a mapping, expected a whole number, 1 or more.'],
    ['failure_threshold: ', '`failure_threshold` is empty, expected a whole number, 1 or more.'],
    [
      'success_threshold: 5000',
      '`success_threshold` is 5000, expected a whole number from 1 to 1,000. | A circuit that needs so many probes would hardly ever close again.',
    ],
    [
      'half_open_max_calls: 0',
      '`half_open_max_calls` is 0, expected a whole number, 1 or more. | With no probe the circuit could never close again.',
    ],
    ['recovery_timeout_seconds: -1', '`recovery_timeout_seconds` is -1, expected a number of seconds, 0 or more.'],
    ['timeout_seconds: 0', `\`timeout_seconds\` is 0, expected ${LIMIT}. | For no limit, write \`false\`.`],
    ['timeout_seconds: -.inf', `\`timeout_seconds\` is -.inf, expected ${LIMIT}.`],
    ['timeout_seconds: true', `\`timeout_seconds\` is true, expected ${LIMIT}.`],
    ['timeout_seconds: 30s', `\`timeout_seconds\` is "30s", expected ${LIMIT}. | Write \`30\`: the unit is seconds.`],
    ['timeout_seconds: 500ms', `\`timeout_seconds\` is "500ms", expected ${LIMIT}. | Write \`0.5\`: the unit is seconds.`],
    ['timeout_seconds: 2 min', `\`timeout_seconds\` is "2 min", expected ${LIMIT}. | Write \`120\`: the unit is seconds.`],
    ['timeout_seconds: 1_000', `\`timeout_seconds\` is "1_000", expected ${LIMIT}. | Write \`1000\`, as a plain number.`],
    ['timeout_seconds: soon', `\`timeout_seconds\` is "soon", expected ${LIMIT}.`],
    ['total_timeout_seconds: 1e9', `\`total_timeout_seconds\` is 1000000000, expected ${LIMIT}.`],
    ['enabled: yes', '`enabled` is "yes", expected true or false. | Write `true`, without quotes.'],
    ['enabled: off', '`enabled` is "off", expected true or false. | Write `false`, without quotes.'],
    ['scope: operations', '`scope` is "operations", expected service, namespace or operation. | Did you mean `operation`?'],
    [
      'preset: produciton',
      '`preset` is "produciton", expected one of aggressive, conservative, production, critical, standard, batch, llm, streaming, database. | Did you mean `production`?',
    ],
    ['retry: always', '`retry` is "always", expected true, false or a mapping of retry settings.'],
    ['retry: { max_attempts: 0 }', '`max_attempts` is 0, expected a whole number from 1 to 100.'],
    ['retry: { max_retries: -1 }', '`max_retries` is -1, expected a whole number from 0 to 99.'],
    ['retry: { exponential_base: 0.5 }', '`exponential_base` is 0.5, expected a number from 1 to 100.'],
    ['retry: { base_delay_seconds: .nan }', '`base_delay_seconds` is .nan, expected a number of seconds from 0 to 86,400.'],
    [
      'failure_statuses: 500',
      '`failure_statuses` is 500, expected a list of different HTTP statuses, such as [500, 502]. | Write a list: `[500]`.',
    ],
    ['failure_statuses: [500, 500]', '`failure_statuses` is a list, expected a list of different HTTP statuses, such as [500, 502].'],
    ['ignored_statuses: [99]', '`ignored_statuses[0]` is 99, expected an HTTP status from 100 to 599.'],
    [
      'failure_statuses: [500, 5xx]',
      '`failure_statuses[1]` is "5xx", expected an HTTP status from 100 to 599. | Write every status out: `[500, 502, 503, 504]`.',
    ],
    ['fallback: true', '`fallback` is true, expected false, or steps such as [{ last_good: { max_age_seconds: 300 } }, { value: [] }].'],
    ['fallback: [{ last_good: {}, value: 1 }]', '`fallback[0]` is a mapping, expected exactly one of last_good and value.'],
    ['fallback: [{}]', '`fallback[0]` is a mapping, expected exactly one of last_good and value.'],
    ['fallback: [cache]', '`fallback[0]` is "cache", expected exactly one of last_good and value.'],
    ['fallback: { last_good: false }', '`last_good` is false, expected true or a mapping with max_age_seconds.'],
    [
      'fallback: { last_good: { max_age_seconds: -5 } }',
      '`max_age_seconds` is -5, expected a number of seconds from 0.001 to 31,536,000, or false for no limit.',
    ],
    ['specs: 5', '`specs` is 5, expected a file, folder or glob, or a list of them.'],
    ['specs: []', '`specs` is a list, expected a file, folder or glob, or a list of them.'],
    ['repair: maybe', '`repair` is "maybe", expected true or false.'],
    ['names: { GET /contacts: contacts }', '`GET /contacts` is "contacts", expected an operation id, such as contacts.get.'],
    ['operations: { contacts.get: fast }', '`contacts.get` is "fast", expected a mapping of settings.'],
  ])('%s', (settings, expected) => {
    expect(messages(ghl(settings)).map((line) => line.replace(/^\d+:\d+\+\d+ error bad-value /, ''))).toEqual([expected]);
  });

  it('stands at the value, or at the key where the value is of several lines or missing', () => {
    const text =
      'circuit_breaker:\n  services:\n    ghl:\n      failure_threshold:\n      timeout_seconds:\n        a: 1\n      recovery_timeout_seconds: "x"\n';
    expect(parseBreakers(text, 'b.yaml').diagnostics.map(({ line, column, length }) => [line, column, length])).toEqual([
      [4, 7, 17],
      [6, 9, 4],
      [7, 33, 3],
    ]);
  });
});

describe('unknown keys and names', () => {
  it.each<[string, string]>([
    [
      'failure_treshold: 3',
      'unknown-key Unknown key `failure_treshold` in `circuit_breaker.services.ghl`. | Did you mean `failure_threshold`?',
    ],
    [
      'failureThreshold: 3',
      'unknown-key Unknown key `failureThreshold` in `circuit_breaker.services.ghl`. | Did you mean `failure_threshold`?',
    ],
    ['timeout: 3', 'unknown-key Unknown key `timeout` in `circuit_breaker.services.ghl`. | Did you mean `timeout_seconds`?'],
    [
      'timeout_ms: 3',
      'unknown-key Unknown key `timeout_ms` in `circuit_breaker.services.ghl`. | Did you mean `timeout_seconds`, in seconds?',
    ],
    [
      'max_attempts: 3',
      'unknown-key Unknown key `max_attempts` in `circuit_breaker.services.ghl`. | It belongs below `retry`: `retry: { max_attempts: … }`.',
    ],
    [
      'minimum_number_of_calls: 10',
      'unknown-key Unknown key `minimum_number_of_calls` in `circuit_breaker.services.ghl`. | It belongs below `sliding_window`: `sliding_window: { minimum_calls: … }`.',
    ],
    [
      'failure_rate_threshold: 0.5',
      'unknown-key Unknown key `failure_rate_threshold` in `circuit_breaker.services.ghl`. | It belongs below `sliding_window`: `sliding_window: { failure_rate_threshold: … }`.',
    ],
    [
      'idempotent: true',
      'unknown-key Unknown key `idempotent` in `circuit_breaker.services.ghl`. | Only operations and resources have it.',
    ],
    [
      'operations: { contacts.get: { scope: service } }',
      'unknown-key Unknown key `scope` in `circuit_breaker.services.ghl.operations.contacts.get`. | What a circuit covers is set for a service or in `defaults`.',
    ],
    ['retry: { jiter: true }', 'unknown-key Unknown key `jiter` in `circuit_breaker.services.ghl.retry`. | Did you mean `jitter`?'],
    [
      'fallback: [{ value: 1 }, { cache: 1 }]',
      'unknown-key Unknown key `cache` in `circuit_breaker.services.ghl.fallback[1]`. | Known here: last_good, value.',
    ],
    [
      'operations: { getContact: {} }',
      'bad-name "getContact" cannot be a key of `circuit_breaker.services.ghl.operations`, expected an operation id, such as contacts.get.',
    ],
    [
      'names: { /contacts: contacts.list }',
      'bad-name "/contacts" cannot be a key of `circuit_breaker.services.ghl.names`, expected a method and a path, such as GET /contacts/{contactId}.',
    ],
  ])('%s', (settings, expected) => {
    const found = messages(ghl(settings)).map((line) => line.replace(/^\d+:\d+\+\d+ error /, ''));
    expect(found.filter((line) => !line.includes('unreachable-fallback'))).toEqual([expected]);
  });

  it.each(['../evil', 'a/b', 'a b', '1x', 'a.b', '-', ''])('refuses %j as a service, which becomes a folder', (name) => {
    const { config, diagnostics } = parseBreakers(`circuit_breaker: { services: { ${JSON.stringify(name)}: {} } }`, 'b.yaml');
    expect(config).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
  });

  it('takes names that objects inherit for plain names', () => {
    const { config } = parseBreakers('circuit_breaker: { services: { constructor: { failure_threshold: 2 }, toString: {} } }', 'b.yaml');
    expect([...(config?.services.keys() ?? [])]).toEqual(['constructor', 'toString']);
    expect(config?.service('constructor').policies.service).toEqual({ failureThreshold: 2 });
    expect(config?.service('valueOf').policies).toEqual({});
  });

  it('suggests at the top of the file', () => {
    expect(messages('circuit_breakers: {}\n')).toEqual([
      '1:1+16 error unknown-key Unknown key `circuit_breakers` in the file. | Did you mean `circuit_breaker`?',
    ]);
  });
});

it('reports several faults together, in file order, each once', () => {
  const text = `circuit_breaker:
  enabled: 1
  defaults:
    sucess_threshold: 2
    timeout_seconds: "60"
  services:
    ghl:
      failure_threshold: 0
      fallback: [{ value: 1, last_good: {} }, { valu: 2 }]
    ../x: {}
environments:
  production:
    circuit_braker: {}
`;
  expect(messages(text).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    '2:12+1 error bad-value',
    '4:5+16 error unknown-key',
    '5:22+4 error bad-value',
    '8:26+1 error bad-value',
    '9:18+27 error bad-value',
    '9:49+4 error unknown-key',
    '10:5+4 error bad-name',
    '13:5+14 error unknown-key',
  ]);
});

it('carries a frame with the place underlined', () => {
  expect(parseBreakers('circuit_breaker:\n  services:\n    ghl:\n      failure_treshold: 3\n', 'b.yaml').diagnostics[0]?.frame).toBe(
    ['  2 |   services:', '  3 |     ghl:', '> 4 |       failure_treshold: 3', '    |       ^^^^^^^^^^^^^^^^'].join('\n'),
  );
});
