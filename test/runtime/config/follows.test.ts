import { describe, expect, it } from 'vitest';
import { explainService, parseBreakers } from '../../../runtime/config/index.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';
import { messages } from './messages.js';

const file = (services: string, environments = ''): string => `circuit_breaker:\n  services:\n${services}${environments}`;

function followed(text: string, service: string, environment?: string): readonly string[] {
  const { config, diagnostics } = parseBreakers(text, 'b.yaml');
  expect(diagnostics).toEqual([]);
  if (config === undefined) throw new Error('The text is not valid.');
  return resolvePolicy(config.service(service).policies, { service, environment }).follows;
}

describe('follows in the file', () => {
  it('one name, or a list; a stronger layer replaces it', () => {
    const text = file(
      '    auth: {}\n    ghl: { follows: auth }\n    retell: { follows: [auth, ghl] }\n',
      'environments: { test: { circuit_breaker: { services: { ghl: { follows: [] } } } } }\n',
    );
    expect([followed(text, 'auth'), followed(text, 'ghl'), followed(text, 'retell')]).toEqual([[], ['auth'], ['auth', 'ghl']]);
    expect(followed(text, 'ghl', 'test')).toEqual([]);
  });

  it('explain says which line', () => {
    const { config } = parseBreakers(file('    auth: {}\n    ghl:\n      follows: [auth]\n'), 'b.yaml');
    if (config === undefined) throw new Error('The text is not valid.');
    const row = explainService(config, 'ghl').find(({ yamlKey }) => yamlKey === 'follows');
    expect(row).toMatchObject({ shown: 'auth', location: { line: 5 } });
  });

  it.each([
    [
      'a name that is none, of a list',
      '    auth: {}\n    ghl: { follows: [auth, autth] }\n',
      '4:28+5 error unknown-service `ghl` follows "autth", which is no service, expected auth. | Did you mean `auth`?',
    ],
    [
      'a name that is none, alone',
      '    ghl: { follows: vault }\n',
      '3:21+5 error unknown-service `ghl` follows "vault", which is no service, expected another service of the file. | A circuit that only code makes is followed from code: `registry.follow(…)`.',
    ],
    [
      'itself',
      '    ghl: { follows: ghl }\n',
      '3:21+3 error follows-circle `ghl` follows `ghl`: all of them would wait for each other, expected no circle.',
    ],
    [
      'a circle, told once',
      '    a: { follows: [b] }\n    b: { follows: [d, c] }\n    c: { follows: a }\n    d: {}\n',
      '3:20+1 error follows-circle `a` follows `b` follows `c` follows `a`: all of them would wait for each other, expected no circle.',
    ],
  ])('%s', (_, services, message) => {
    expect(messages(file(services))).toEqual([message]);
  });

  it('a circle that only an environment closes', () => {
    const environments = 'environments: { test: { circuit_breaker: { services: { a: { follows: b } } } } }\n';
    const found = messages(file('    a: {}\n    b: { follows: a }\n', environments));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^5:70\+1 error follows-circle `a` follows `b` follows `a`/);
  });

  it.each([
    ['    ghl: { follows: 3 }\n', 'expected the name of a service, or a list of them'],
    ['    ghl: { follows: ["no name!"] }\n', 'expected a service name of letters, digits, - and _, such as ghl'],
    ['    ghl: { operations: { a.b: { follows: x } } }\n', 'Only a service below `circuit_breaker.services` has it.'],
    ['    ghl: { depends_on: x }\n', 'Did you mean `follows`?'],
  ])('%s is refused', (services, expected) => {
    expect(messages(file(services)).join('\n')).toContain(expected);
  });

  it('knows the services of running clients', () => {
    expect(messages(file('    ghl: { follows: auth }\n'), { servicesInUse: ['auth'] })).toEqual([]);
    expect(messages(file('    ghl: { follows: auth }\n'), { knownServices: ['ghl', 'auth'] })).toEqual([]);
  });
});
