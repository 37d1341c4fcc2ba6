import { type Edit, inYaml, YAML } from './faulty-project.js';

/** What is wrong, the code of the message, what it says, what it suggests. */
export type Row = [name: string, edits: Edit | Edit[], code: string, says: string, suggests?: string];

/** Instead of the threshold of the service. */
export const inSetting = (text: string): Edit => inYaml('      failure_threshold: 3\n', `      ${text}\n`);
const inOperation = (text: string): Edit => inYaml('          timeout_seconds: 5\n', `          ${text}\n`);

/** What is wrong in the breaker YAML. */
export const IN_YAML: Row[] = [
  [
    'an unknown key',
    inSetting('«failure_treshold»: 3'),
    'unknown-key',
    'Unknown key `failure_treshold`',
    'Did you mean `failure_threshold`?',
  ],
  [
    'an unknown key like no other',
    inSetting('«colour»: 3'),
    'unknown-key',
    'Unknown key `colour`',
    'Known here: preset, enabled, failure_threshold,',
  ],
  [
    'an unknown key at the top',
    inYaml('circuit_breaker:', '«circut_breaker»:'),
    'unknown-key',
    'Unknown key `circut_breaker`',
    'Did you mean `circuit_breaker`?',
  ],
  [
    'an unknown service',
    inYaml('acme: { failure_threshold: 4 }', '«acne»: { failure_threshold: 4 }'),
    'unknown-service',
    'There is no service "acne", expected shop, acme',
    'Did you mean `acme`?',
  ],
  [
    'an unknown operation',
    inYaml('contacts.get:', '«contacts.gett»:'),
    'unknown-operation',
    'Service `acme` has no operation "contacts.gett"',
    'Did you mean `contacts.get`?',
  ],
  [
    'an unknown resource',
    inSetting('resources: { «contact»: { timeout_seconds: 3 } }'),
    'unknown-resource',
    'has no resource "contact"',
    'Did you mean `contacts`?',
  ],
  [
    'a name for no operation',
    inSetting("names: { «'GET /contact/{contactId}'»: contacts.get }"),
    'invalid-name',
    'which no document declares',
    'Did you mean "GET /contacts/{contactId}"?',
  ],
  [
    'a wrong type',
    inSetting('failure_threshold: «three»'),
    'bad-value',
    '`failure_threshold` is "three", expected a whole number, 1 or more.',
  ],
  [
    'a number in quotes',
    inSetting('failure_threshold: «"3"»'),
    'bad-value',
    'is "3", expected a whole number',
    'Write `3`, as a plain number.',
  ],
  [
    'a setting without a colon',
    inSetting('retry:\n        «max_attempts 2»'),
    'bad-value',
    '`retry` is "max_attempts 2"',
    'Write `max_attempts: 2`, with a colon and a space.',
  ],
  ['an unknown preset', inSetting('preset: «prod»'), 'bad-value', '`preset` is "prod", expected one of', 'Did you mean `production`?'],
  [
    'a negative number',
    inOperation('timeout_seconds: «-5»'),
    'bad-value',
    '`timeout_seconds` is -5, expected a number of seconds from 0.001',
  ],
  ['not a number', inOperation('timeout_seconds: «.nan»'), 'bad-value', '`timeout_seconds` is .nan, expected a number of seconds'],
  [
    'threshold 0',
    inSetting('failure_threshold: «0»'),
    'bad-value',
    '`failure_threshold` is 0, expected a whole number, 1 or more.',
    'To keep a circuit from opening, set `enabled: false`.',
  ],
  [
    'an attempt timeout longer than the total',
    inOperation('«timeout_seconds»: 50\n          total_timeout_seconds: 5'),
    'attempt-exceeds-total',
    'is 50 s, longer than its total deadline of 5 s (line 12), expected at most as long.',
    'Set `timeout_seconds` to 5 or less, or raise `total_timeout_seconds`.',
  ],
  [
    'an unreachable success threshold',
    inSetting('success_threshold: «5000»'),
    'bad-value',
    'is 5000, expected a whole number from 1 to 1,000.',
    'would hardly ever close again',
  ],
  [
    'no probe at all',
    inSetting('half_open_max_calls: «0»'),
    'bad-value',
    'is 0, expected a whole number, 1 or more.',
    'the circuit could never close again',
  ],
  ['a fallback of the wrong type', inYaml('- value: { id: nobody }', '- «value»: { id: 7 }'), 'fallback-type', '/id must be string'],
  [
    'a YAML syntax error',
    inYaml('    failure_threshold: 5', '    failure_threshold: «[»5'),
    'yaml-syntax',
    '`[` is never closed, expected `]` before line 5.',
  ],
  ['a tab', inYaml('    failure_threshold: 5', '«\t»failure_threshold: 5'), 'yaml-syntax', 'A tab indents this line, expected spaces.'],
  [
    'duplicate keys',
    inSetting('failure_threshold: 3\n      «failure_threshold»: 4'),
    'duplicate-key',
    '`failure_threshold` is given twice in one mapping, expected once.',
  ],
  [
    'an OpenAPI document for the YAML',
    { file: YAML, text: '«openapi»: 3.1.0\npaths: {}\n' },
    'not-breakers',
    'This is an OpenAPI document, expected the breaker YAML.',
  ],
];
