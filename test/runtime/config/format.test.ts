import { describe, expect, it } from 'vitest';
import { type Diagnostic, formatAnnotations, formatDiagnostics, parseBreakers, summarize } from '../../../runtime/config/index.js';

const found: Diagnostic[] = [
  {
    severity: 'error',
    code: 'unknown-key',
    message: 'Unknown key `a`.',
    file: '/home/me/specs/breakers.yaml',
    line: 3,
    column: 5,
    length: 2,
    frame: '  2 | x:\n\n> 3 |   a: 1\n    |   ^',
    hint: 'Did you mean `b`?',
  },
  { severity: 'warning', code: 'w', message: '50% done: a, b', file: 'x,y:z.yaml' },
  { severity: 'repair', code: 'r', message: 'Mended.', file: 'z.yaml', line: 1 },
  { severity: 'hint', code: 'h', message: 'Old.', file: 'z.yaml', line: 2 },
];

describe('formatDiagnostics', () => {
  it('one block each, with the file relative to the working directory', () => {
    expect(formatDiagnostics(found, { cwd: '/home/me/' })).toBe(
      [
        'specs/breakers.yaml:3:5 error unknown-key',
        '  Unknown key `a`.',
        '',
        '    2 | x:',
        '',
        '  > 3 |   a: 1',
        '      |   ^',
        '',
        '  Did you mean `b`?',
        '',
        'x,y:z.yaml warning w',
        '  50% done: a, b.',
        '',
        'z.yaml:1:1 repair r',
        '  Mended.',
        '',
        'z.yaml:2:1 hint h',
        '  Old.',
      ].join('\n'),
    );
    expect(formatDiagnostics([])).toBe('');
  });

  it('colors only when asked', () => {
    expect(formatDiagnostics(found)).not.toContain('\u001b');
    expect(formatDiagnostics(found.slice(1, 2), { color: true })).toBe(
      '\u001b[1mx,y:z.yaml\u001b[0m \u001b[33mwarning\u001b[0m \u001b[2mw\u001b[0m\n  50% done: a, b.',
    );
  });

  it('control characters of a file do not reach the terminal', () => {
    const { diagnostics } = parseBreakers('circuit_breaker: { "\\e[31mred": 1, enabled: "\\e]0;x\\a" }\n', 'b.yaml');
    expect(diagnostics).toHaveLength(2);
    expect(formatDiagnostics(diagnostics)).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

it('formatAnnotations', () => {
  expect(formatAnnotations(found, { cwd: '/home/me' })).toBe(
    [
      '::error file=specs/breakers.yaml,line=3,col=5,endColumn=7,title=unknown-key::Unknown key `a`.%0ADid you mean `b`?',
      '::warning file=x%2Cy%3Az.yaml,title=w::50%25 done: a, b',
      '::notice file=z.yaml,line=1,title=r::Mended.',
      '::notice file=z.yaml,line=2,title=h::Old.',
    ].join('\n'),
  );
});

it('summarize', () => {
  expect(summarize([...found, ...found.slice(0, 1)])).toBe('2 errors, 1 warning, 1 repair, 1 hint');
  expect(summarize([])).toBe('');
});
