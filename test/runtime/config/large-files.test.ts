import { describe, expect, it } from 'vitest';
import { type ParseOptions, parseBreakers } from '../../../runtime/config/index.js';
import { workOf } from '../../support/work.js';

const lines = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('');
const services = (text: string): string => `circuit_breaker:\n  services:\n${text}`;
const operations = (text: string): string => services(`    ghl:\n      operations:\n${text}`);
const ids = (count: number, name: string): string[] => Array.from({ length: count }, (_, index) => `things.${name}${index}`);

/** Files of `count` entries, and what is known besides them. */
const SHAPES: Readonly<Record<string, (count: number) => readonly [text: string, options?: ParseOptions]>> = {
  operations: (count) => [
    operations(lines(count, (n) => `        things.op${n}: { timeout_seconds: ${1 + (n % 20)}, retry: false }\n`)),
    { knownOperations: () => ({ namespaces: ['things'], operations: ids(count, 'op') }) },
  ],
  services: (count) => [services(lines(count, (n) => `    s${n}: { timeout_seconds: 3 }\n`))],
  'services that follow each other in a chain': (count) => [
    services(lines(count, (n) => `    s${n}: ${n + 1 < count ? `{ follows: s${n + 1} }` : '{}'}\n`)),
  ],
  'services that follow each other in a circle': (count) => [
    services(lines(count, (n) => `    s${n}: { follows: s${(n + 1) % count} }\n`)),
  ],
  'operations brought in by a merge key': (count) => [
    `x-common: &common\n${lines(count, (n) => `  things.op${n}: { retry: false }\n`)}${operations('        <<: *common\n')}`,
  ],
  'repeated keys': (count) => [operations(lines(count, (n) => `        things.op${n}: {}\n        things.op${n}: {}\n`))],
  'values that are wrong': (count) => [operations(lines(count, (n) => `        things.op${n}: { timeout_seconds: -1 }\n`))],
  'values that are no data': (count) => [operations(lines(count, (n) => `        things.op${n}: !tag 3\n`))],
  'operations that nobody has': (count) => [
    operations(lines(count, (n) => `        things.op${n}: {}\n`)),
    { knownOperations: () => ({ namespaces: ['things'], operations: ids(count, 'other') }) },
  ],
  'timeouts of services that nobody has': (count) => [
    `resilience:\n  timeout:\n${lines(count, (n) => `    s${n}: 3\n`)}`,
    { servicesInUse: ids(count, 'other') },
  ],
};

describe('D18 the work of checking a file grows with the file, not with its square', () => {
  it.each(Object.entries(SHAPES))('%s', (_, shape) => {
    const work = (count: number): number => workOf(() => parseBreakers(shape(count)[0], 'b.yaml', shape(count)[1]));
    work(10);
    const [once, fourTimes] = [work(300), work(1_200)];
    expect(once).toBeGreaterThan(300);
    expect(fourTimes / once).toBeLessThan(4.5);
  });
});
