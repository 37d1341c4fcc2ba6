import { describe, expect, it } from 'vitest';
import { parseBreakers } from '../../../runtime/config/index.js';
import { messages } from './messages.js';

describe('a long text', () => {
  // What takes the square of a line's length would take minutes here, and a watched file would hold up the process.
  const LONG = 300_000;
  const yaml = 'circuit_breaker:\n  services:\n    ghl: { failure_threshold: 4 }\n';

  it.each<[string, string]>([
    ['a word in a comment', `# ${'a'.repeat(LONG)}\n`],
    ['dashes in a comment', `# ${'-'.repeat(LONG)}\n`],
    ['a word for a value', `x-note: ${'a'.repeat(LONG)}\n`],
    ['spaces within a value', `x-note: a${' '.repeat(LONG)}b\n`],
    ['a quoted value', `x-note: "${'\\"'.repeat(LONG)}"\n`],
  ])('%s', (_, before) => {
    const { config, diagnostics } = parseBreakers(before + yaml, 'b.yaml');
    expect(diagnostics).toEqual([]);
    expect(config?.services.size).toBe(1);
  });

  it('many empty lines in front of what is no configuration', () => {
    expect(parseBreakers(`${'\n'.repeat(LONG)}b`, 'b.yaml').diagnostics).toMatchObject([{ code: 'bad-value' }]);
  });
});

describe('text that is no YAML, or not the YAML that is wanted', () => {
  it.each<[string, string, string[]]>([
    ['an empty file', '', ['error empty-file The file is empty, expected `circuit_breaker:` with settings.']],
    ['comments only', '# later\n', ['error empty-file The file is empty, expected `circuit_breaker:` with settings.']],
    ['a text', 'foo', ['1:1+3 error bad-value The file is one text, expected a mapping with circuit_breaker.']],
    ['a list', '[]', ['1:1+2 error bad-value The file is a list, expected a mapping with circuit_breaker.']],
    ['no circuit_breaker', '{}', ['1:1+2 error missing-key `circuit_breaker:` is missing, expected it at the top of the file.']],
    ['a tab', 'circuit_breaker:\n\tenabled: true\n', ['2:1+1 error yaml-syntax A tab indents this line, expected spaces.']],
    [
      'an open brace',
      'circuit_breaker: {\n',
      ['1:18+1 error yaml-syntax Not valid YAML: `{` is never closed, expected `}` before the end of the file.'],
    ],
    [
      'a bracket closed by another, with much behind it that is no fault',
      'circuit_breaker:\n  defaults: { failure_statuses: [500, 503 }\n  services:\n    ghl: { failure_threshold: 3 }\n',
      ['2:43+1 error yaml-syntax Not valid YAML: expected `]`, found `}`.'],
    ],
    [
      'an open bracket in front of other lines',
      'circuit_breaker:\n  defaults:\n    failure_statuses: [500, 503\n  services:\n    ghl: { failure_threshold: 3 }\n',
      ['3:23+1 error yaml-syntax Not valid YAML: `[` is never closed, expected `]` before line 4.'],
    ],
    [
      'an open quote',
      'circuit_breaker:\n  services: { ghl: { preset: "production } }\n',
      ['2:30+1 error yaml-syntax Not valid YAML: this quote is never closed, expected another " at the end of the text.'],
    ],
    [
      'a wrong indentation',
      'circuit_breaker:\n  enabled: true\n    defaults: {}\n',
      [
        '2:12+1 error yaml-syntax Not valid YAML: this key has a plain value and keys of its own, expected one of them. | A text with `: ` in it needs quotes. Otherwise compare the indentation of this line and the next.',
      ],
    ],
    [
      'a key without a colon',
      'circuit_breaker:\n  enabled true\n  defaults: {}\n',
      [
        '2:3+12 error yaml-syntax Not valid YAML: expected a key and `:` on one line. | Is a `:` missing, or is the next line indented differently?',
      ],
    ],
    [
      'a setting without a colon',
      'circuit_breaker:\n  defaults:\n    failure_threshold 5\n',
      [
        '3:5+19 error bad-value `defaults` is "failure_threshold 5", expected a mapping of settings. | Write `failure_threshold: 5`, with a colon and a space.',
      ],
    ],
    [
      'two documents',
      'circuit_breaker: {}\n---\ncircuit_breaker: {}\n',
      ['2:1+3 error yaml-syntax A second document begins here (`---`), expected one document.'],
    ],
    [
      'repeated keys, and a fault behind them',
      'circuit_breaker:\n  enabled: true\n  enabled: false\n  services:\n    ghl: {}\n    "ghl": { failure_threshold: 0 }\n',
      [
        '3:3+7 error duplicate-key `enabled` is given twice in one mapping, expected once.',
        '6:5+5 error duplicate-key `"ghl"` is given twice in one mapping, expected once.',
        '6:33+1 error bad-value `failure_threshold` is 0, expected a whole number, 1 or more. | To keep a circuit from opening, set `enabled: false`.',
      ],
    ],
    ['an unknown tag', 'circuit_breaker: !foo {}\n', ['1:18+4 error yaml-tag Unresolved tag: !foo.']],
    [
      'a tag that is no data',
      'circuit_breaker: { enabled: !!binary aGk= }\n',
      ['1:38+4 error yaml-tag A tag makes this value something else than plain data, expected text, a number, true, false or null.'],
    ],
    ['a key that changes objects', 'circuit_breaker: { __proto__: {} }\n', ['1:20+9 error bad-key `__proto__` cannot be a key.']],
    [
      'a key that is no name',
      'circuit_breaker:\n  ? [a]\n  : 1\n',
      ['2:5+3 error bad-key A key is a mapping, a list or nothing, expected a name.'],
    ],
    [
      '1,000 nested lists',
      `circuit_breaker: ${'['.repeat(20_000)}`,
      [expect.stringMatching(/ error too-deep The file is nested too deeply to be read\.$/)],
    ],
    [
      '200 nested lists',
      `circuit_breaker: ${'['.repeat(200)}${']'.repeat(200)}`,
      ['1:82+272 error too-deep This value is nested deeper than 64 levels.'],
    ],
  ])('%s', (_, text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('anchors and aliases', () => {
  it('are resolved, merge keys too, and what a mapping says itself is stronger', () => {
    const text = `x-shared: &shared { failure_threshold: 4, timeout_seconds: 10 }
x-slow: &slow { timeout_seconds: 50, success_threshold: 1 }
circuit_breaker:
  services:
    ghl: *shared
    retell: { <<: *shared, failure_threshold: 9 }
    lyrio: { <<: [*slow, *shared] }
`;
    const { config, diagnostics } = parseBreakers(text, 'b.yaml');
    expect(diagnostics).toEqual([]);
    expect([...(config?.services.values() ?? [])].map(({ policies }) => policies.service)).toEqual([
      { failureThreshold: 4, timeoutMs: 10_000 },
      { failureThreshold: 9, timeoutMs: 10_000 },
      { failureThreshold: 4, timeoutMs: 50_000, successThreshold: 1 },
    ]);
    expect(config?.services.get('retell')?.locate(['timeout_seconds'])).toMatchObject({ line: 1, column: 43 });
    expect(config?.services.get('ghl')?.locate([], 'value')).toEqual({ line: 5, column: 10, length: 7 });
  });

  it('a fault behind an anchor is told once, where it is written', () => {
    const text = 'circuit_breaker:\n  defaults: &d { success_threshold: 0 }\n  services: { ghl: *d, retell: { <<: *d } }\n';
    expect(messages(text)).toEqual(['2:37+1 error bad-value `success_threshold` is 0, expected a whole number from 1 to 1,000.']);
  });

  it.each<[string, string, string[]]>([
    [
      'an alias of nothing',
      'circuit_breaker: *x\n',
      ['1:18+2 error unknown-alias "*x" repeats nothing, expected an anchor (`&name`) above it.'],
    ],
    [
      'a misspelt alias',
      'circuit_breaker: { defaults: &d {}, services: { ghl: *e } }\n',
      ['1:54+2 error unknown-alias "*e" repeats nothing, expected one of *d.'],
    ],
    [
      'an alias of itself',
      'circuit_breaker: &a { defaults: *a }\n',
      ['1:33+2 error alias-cycle "*a" stands inside the value that it repeats, so it would never end.'],
    ],
    [
      'a merge of a number',
      'circuit_breaker: { defaults: { <<: 5 } }\n',
      ['1:32+2 error bad-merge `<<` is followed by no mapping, expected an alias of one, such as `<<: *defaults`.'],
    ],
  ])('%s', (_, text, expected) => {
    expect(messages(text)).toEqual(expected);
  });

  it.each([
    ['lists', (name: string, before: string) => `${name} [${Array(9).fill(before).join(', ')}]`],
    ['mappings', (name: string, before: string) => `${name} { a: ${before}, b: ${before}, c: ${before} }`],
    ['merge keys', (name: string, before: string) => `${name} { <<: [${before}, ${before}, ${before}] }`],
  ])('%s that double themselves are refused', (_, line) => {
    const lines = ['x-0: &a0 { k: 1 }', ...Array.from({ length: 25 }, (__, index) => line(`x-${index + 1}: &a${index + 1}`, `*a${index}`))];
    expect(messages(`${lines.join('\n')}\ncircuit_breaker: {}\n`)).toEqual([
      expect.stringMatching(/ error alias-bomb Aliases add more than 20,000 values to this file\.$/),
    ]);
  });
});

it('a byte order mark and Windows line ends change nothing', () => {
  expect(messages('\ufeffcircuit_breaker:\r\n  services:\r\n    ghl: { failure_treshold: 3 }\r\n')).toEqual([
    '3:12+16 error unknown-key Unknown key `failure_treshold` in `circuit_breaker.services.ghl`. | Did you mean `failure_threshold`?',
  ]);
});
