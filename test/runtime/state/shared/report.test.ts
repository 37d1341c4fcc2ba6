import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Heard, readReports, waitByPeers, writeReport } from '../../../../runtime/state/shared/report.js';
import { Fleet } from './fleet.js';

const OPEN = { circuit: 'ghl', downMs: 1_000, leftMs: 9_000 };
const reportOf = (...open: readonly unknown[]): string => JSON.stringify({ v: 1, open });
const heard = (...answer: readonly unknown[]): Heard | undefined => readReports(answer, 'me', 0);
const from = (instance: unknown, report: unknown = reportOf(OPEN), ageMs: unknown = 0): unknown => ({ instance, report, ageMs });

describe('A52 nothing from the store is trusted', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'OK'],
    ['a list', []],
    ['no instance', from(undefined)],
    ['our own entry', from('me')],
    ['no report', { instance: 'a', ageMs: 0 }],
    ['a report that is a number', from('a', 7)],
    ['no JSON', from('a', '{"v":1,"open":[')],
    ['null as JSON', from('a', 'null')],
    ['another version', from('a', JSON.stringify({ v: 2, open: [OPEN] }))],
    ['no version', from('a', JSON.stringify({ open: [OPEN] }))],
    ['no list of circuits', from('a', JSON.stringify({ v: 1, open: { ghl: OPEN } }))],
    ['no age', { instance: 'a', report: reportOf(OPEN) }],
    ['an age below 0', from('a', reportOf(OPEN), -1)],
    ['an age that is none', from('a', reportOf(OPEN), Number.NaN)],
    ['a text as age', from('a', reportOf(OPEN), '5')],
    ['a huge report', from('a', `${reportOf(OPEN)}${' '.repeat(65_536)}`)],
  ])('A52 an entry that is %s is skipped and counted; the others are heard', (_, entry) => {
    expect(heard(entry, from('b'))).toEqual({ instances: 1, ignored: 1, open: new Map([['ghl', [{ downMs: 1_000, leftMs: 9_000 }]]]) });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no object', 'ghl'],
    ['without a name', { downMs: 1, leftMs: 1 }],
    ['with an empty name', { ...OPEN, circuit: '' }],
    ['with a negative age', { ...OPEN, downMs: -1 }],
    ['with an endless wait', { ...OPEN, leftMs: 1e300 }],
    ['without a wait', { circuit: 'ghl', downMs: 1 }],
    ['with a text as wait', { ...OPEN, leftMs: '5' }],
  ])('A52 a circuit %s is skipped and counted; the others of the report are heard', (_, circuit) => {
    const good = { ...OPEN, circuit: 'retell' };
    expect(heard(from('a', reportOf(circuit, good)))).toMatchObject({
      instances: 1,
      ignored: 1,
      open: new Map([['retell', expect.anything()]]),
    });
  });

  it('A52 one instance is one witness, however often it is there, and however often it names a circuit', () => {
    const all = heard(from('a'), from('a'), from('a', reportOf(OPEN, OPEN)), from('b', reportOf(OPEN, OPEN)));
    expect(all).toMatchObject({ instances: 2, ignored: 3 });
    expect(all?.open.get('ghl')).toHaveLength(2);
  });

  it('A52 a name of the language is a name as any other', () => {
    const open = heard(
      from('__proto__', '{"v":1,"open":[{"circuit":"__proto__","downMs":1,"leftMs":1},{"circuit":"constructor","downMs":1,"leftMs":1}]}'),
    )?.open;
    expect([...(open?.keys() ?? [])]).toEqual(['__proto__', 'constructor']);
  });

  it('A52 many big reports are read up to a bound', () => {
    const big = `${reportOf(OPEN)}${' '.repeat(60_000)}`;
    const all = heard(...Array.from({ length: 200 }, (_, at) => from(`i${at}`, big)));
    expect((all?.instances ?? 0) + (all?.ignored ?? 0)).toBe(200);
    expect(all?.instances).toBeLessThan(70);
    expect(all?.instances).toBeGreaterThan(60);
  });

  it('A52 whatever comes: no error, no circuit with an odd wait', () => {
    const circuit = fc.record({
      circuit: fc.oneof(fc.constant('ghl'), fc.anything()),
      downMs: fc.oneof(fc.double(), fc.anything()),
      leftMs: fc.oneof(fc.double(), fc.anything()),
    });
    const report = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .array(circuit, { maxLength: 4 })
        .map((open) => JSON.stringify({ v: 1, open }, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))),
    );
    const entry = fc.oneof(
      fc.anything(),
      fc.record({
        instance: fc.oneof(fc.string(), fc.anything()),
        report,
        ageMs: fc.oneof(fc.double({ min: 0, max: 1e6 }), fc.anything()),
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(entry)), (answer) => {
        const all = readReports(answer, 'me', 5);
        expect(all === undefined).toBe(!Array.isArray(answer));
        const evidence = [...(all?.open.values() ?? [])].flat();
        expect(evidence.every(({ downMs, leftMs }) => Number.isFinite(downMs) && downMs >= 5 && Number.isFinite(leftMs))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is written', () => {
  it('is read again as it is, older by its age and by what the way took', () => {
    const report = writeReport([OPEN, { ...OPEN, circuit: 'crm@eu "ü\n"' }]);
    const all = readReports([from('a', report, 250)], 'me', 50);
    const evidence = [{ downMs: 1_300, leftMs: 8_700 }];
    expect(all).toEqual({
      instances: 1,
      ignored: 0,
      open: new Map([
        ['ghl', evidence],
        ['crm@eu "ü\n"', evidence],
      ]),
    });
  });

  it('A52 is never too long to be read: names that are too long and circuits that are too many are left out', () => {
    const long = '\u0001'.repeat(100);
    const names = [long, ...Array.from({ length: 500 }, (_, at) => `\u0002${at}${'x'.repeat(220)}`)];
    const report = writeReport(names.map((circuit) => ({ ...OPEN, circuit, downMs: 315_359_999_999.123, leftMs: 315_359_999_999.123 })));
    const all = readReports([from('a', report)], 'me', 0);
    expect(all).toMatchObject({ instances: 1, ignored: 0 });
    expect([...(all?.open.keys() ?? [])]).toEqual(names.slice(1, 201));
  });
});

describe('how long to wait', () => {
  const evidence = [
    { downMs: 10, leftMs: 5_000 },
    { downMs: 900, leftMs: 3_000 },
    { downMs: 50, leftMs: 4_000 },
    { downMs: 50, leftMs: 0 },
    { downMs: 50, leftMs: -100 },
  ];

  it.each([
    [1, Number.POSITIVE_INFINITY, 5_000],
    [2, Number.POSITIVE_INFINITY, 4_000],
    [3, Number.POSITIVE_INFINITY, 3_000],
    [4, Number.POSITIVE_INFINITY, undefined],
    [2, 900, 4_000],
    [3, 900, undefined],
    [1, 50, 5_000],
    [1, 10, undefined],
  ])('%d of them, and recovered %d ms ago: %s', (quorum, recoveredMsAgo, expected) => {
    expect(waitByPeers(evidence, quorum, recoveredMsAgo)).toBe(expected);
  });
});

it('A52 garbage in a store with good reports: the good ones decide, and status counts the rest', async () => {
  const garbage = [from('x', 'no JSON'), from('me-too', '{"v":9}'), null, from('y', reportOf({ circuit: 'ghl', downMs: 'x', leftMs: 5 }))];
  const fleet = new Fleet(1, { store: { exchange: () => Promise.resolve([...garbage, from('a'), from('b')] as never) } });
  await fleet.at(0).shared.sync();
  expect(fleet.at(0).breaker.retryAfterMs()).toBe(9_000);
  expect(fleet.at(0).shared.status()).toMatchObject({ instances: 3, opened: 1, ignored: 4 });
});
