import { describe, expect, it } from 'vitest';
import { checkKnown, type KnownOperations, type ParseOptions, parseBreakers } from '../../../runtime/config/index.js';
import { ghl, messages } from './messages.js';

const documents: KnownOperations = {
  namespaces: ['contacts', 'conversations'],
  operations: [
    { id: 'contacts.get', method: 'GET' },
    { id: 'contacts.search', method: 'POST' },
    { id: 'contacts.create', method: 'POST' },
    { id: 'contacts.import', method: 'POST', idempotencyHeader: 'Idempotency-Key' },
    'conversations.sendMessage',
  ],
};
const known: ParseOptions = { knownServices: ['ghl', 'retell'], knownOperations: (service) => (service === 'ghl' ? documents : undefined) };

describe('services', () => {
  it.each<[string, string, ParseOptions, string[]]>([
    [
      'misspelt',
      'circuit_breaker: { services: { retel: {} } }',
      known,
      ['1:32+5 error unknown-service There is no service "retel", expected ghl, retell. | Did you mean `retell`?'],
    ],
    [
      'without a document',
      'circuit_breaker: { services: { billing: {} } }',
      known,
      [
        '1:32+7 error unknown-service There is no service "billing", expected ghl, retell. | A service of another name needs `specs:` with its documents.',
      ],
    ],
    ['with documents of its own', 'circuit_breaker: { services: { billing: { specs: ./b.yaml } } }', known, []],
    ['nothing known', 'circuit_breaker: { services: { billing: {} } }', {}, []],
    [
      'misspelt in an environment',
      'circuit_breaker: { services: { ghl: {} } }\nenvironments: { test: { circuit_breaker: { services: { glh: {} } } } }\n',
      {},
      ['2:56+3 error unknown-service There is no service "glh", expected ghl. | Did you mean `ghl`?'],
    ],
    [
      'in an environment only, with a document',
      'circuit_breaker: {}\nenvironments: { test: { circuit_breaker: { services: { retell: {} } } } }\n',
      known,
      [],
    ],
  ])('%s', (_, text, options, expected) => {
    expect(messages(text, options)).toEqual(expected);
  });
});

describe('resources and operations', () => {
  it.each<[string, string[]]>([
    ['resources: { contacts: {} }, operations: { contacts.get: {} }', []],
    [
      'resources: { contact: {} }',
      [
        '3:25+7 error unknown-resource Service `ghl` has no resource "contact", expected one of the 2 that its documents have. | Did you mean `contacts`?',
      ],
    ],
    [
      'operations: { contacts.gett: {} }',
      [
        '3:26+13 error unknown-operation Service `ghl` has no operation "contacts.gett", expected one of the 5 that its documents have. | Did you mean `contacts.get`?',
      ],
    ],
    [
      'operations: { conversations.x: {} }',
      [
        '3:26+15 error unknown-operation Service `ghl` has no operation "conversations.x", expected one of the 5 that its documents have. | There are conversations.sendMessage.',
      ],
    ],
    [
      'operations: { constructor.name: {} }',
      [expect.stringMatching(/^3:26\+16 error unknown-operation Service `ghl` has no operation "constructor\.name"/)],
    ],
  ])('%s', (settings, expected) => {
    expect(messages(ghl(settings), known)).toEqual(expected);
  });

  it('in an environment, too', () => {
    const text = `${ghl('')}environments:\n  test:\n    circuit_breaker: { services: { ghl: { operations: { contacts.gte: {} } } } }\n`;
    expect(messages(text, known)).toEqual([expect.stringMatching(/^6:57\+12 error unknown-operation .*Did you mean `contacts\.get`\?$/)]);
  });
});

describe('retries of what must not be repeated', () => {
  const refused =
    'error unsafe-retry `contacts.create` of ghl is a POST, which is not idempotent, so `retry` cannot be set for it; expected `retry: false` or `idempotent: true` beside it. | Only if the server takes a repeated request for the same one, say `idempotent: true`. Connections that were refused are tried again in any case.';

  it.each<[string, string[]]>([
    ['operations: { contacts.create: { retry: { max_attempts: 4 } } }', [`3:45+5 ${refused}`]],
    ['operations: { contacts.create: { retry: true } }', [`3:45+5 ${refused}`]],
    ['operations: { contacts.create: { retry: false } }', []],
    ['operations: { contacts.create: { retry: { enabled: false, max_attempts: 4 } } }', []],
    ['operations: { contacts.create: { timeout_seconds: 4 } }', []],
    ['operations: { contacts.create: { idempotent: true, retry: { max_attempts: 4 } } }', []],
    ['resources: { contacts: { idempotent: true } }, operations: { contacts.create: { retry: true } }', []],
    ['retry: { max_attempts: 4 }', []],
    ['operations: { contacts.get: { retry: { max_attempts: 4 } } }', []],
    ['operations: { contacts.import: { retry: { max_attempts: 4 } } }', []],
    ['operations: { conversations.sendMessage: { retry: { max_attempts: 4 } } }', []],
    [
      'operations: { contacts.get: { idempotent: false, retry: { max_attempts: 4 } } }',
      [expect.stringMatching(/^3:61\+5 error unsafe-retry `contacts\.get` of ghl is not idempotent, as its settings say, so/)],
    ],
    ['operations: { contacts.create: { retry: maybe } }', [expect.stringContaining('bad-value')]],
  ])('%s', (settings, expected) => {
    expect(messages(ghl(settings), known)).toEqual(expected);
  });

  it('in an environment, too', () => {
    const text = `${ghl('')}environments:\n  test:\n    circuit_breaker: { services: { ghl: { operations: { contacts.create: { retry: true } } } } }\n`;
    expect(messages(text, known)).toEqual([`6:76+5 ${refused}`]);
  });
});

it('checkKnown finds afterwards what parsing with the same knowledge finds', () => {
  const text = `${ghl('resources: { contact: {} }, operations: { contacts.create: { retry: true } }')}    retel: {}\n`;
  const { config } = parseBreakers(text, 'breakers.yaml');
  expect(config && checkKnown(config, known)).toEqual(parseBreakers(text, 'breakers.yaml', known).diagnostics);
  expect(config && checkKnown(config, known)).toHaveLength(3);
});
