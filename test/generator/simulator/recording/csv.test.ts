import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type CsvRecord, readCsv } from '../../../../generator/simulator/recording/csv.js';
import { InOrder } from '../../../../generator/simulator/recording/in-order.js';
import { type RecordedCall, readRows } from '../../../../generator/simulator/recording/rows.js';
import { DiagnosticError } from '../../../../runtime/config/diagnostic.js';

const folder = mkdtempSync(join(tmpdir(), 'fuseline-csv-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function fileOf(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, content);
  return path;
}

async function all<T>(parts: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of parts) found.push(...part);
  return found;
}

const records = (content: string | Uint8Array): Promise<CsvRecord[]> => all(readCsv(fileOf(content), 'r.csv'));
const rows = (content: string): Promise<RecordedCall[]> => all(readRows(fileOf(content), 'r.csv'));

async function faults(content: string | Uint8Array): Promise<readonly string[]> {
  const error: unknown = await rows(content as string).then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
  );
}

const HEAD = 'time,duration,outcome\n';

describe('comma-separated values', () => {
  it('reads quoted fields as RFC 4180 has them', async () => {
    const found = await records('\ufeffa,b,c\r\n1,"x, ""y""",3\n\n"two\nlines", "b" ,\nlast,,z');
    expect(found.map(({ line, fields }) => [line, ...fields])).toEqual([
      [1, 'a', 'b', 'c'],
      [2, '1', 'x, "y"', '3'],
      [4, 'two\nlines', 'b', ''],
      [6, 'last', '', 'z'],
    ]);
  });

  it('reads back what was written, wherever the pieces of the file are cut', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', ' '), maxLength: 6 });
    const table = fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(table, async (lines) => {
        const text = lines.map((line) => line.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\n');
        // More than one piece of the file: the padding is a record of its own.
        const padding = `"${'p'.repeat(40_000)}"\n`.repeat(7);
        const found = await records(padding + text);
        expect(found.slice(7).map(({ fields }) => fields)).toEqual(lines);
      }),
      { seed: 3, numRuns: 30 },
    );
  });

  it('a quote that is never closed is found, however long the file', async () => {
    expect(await faults(`${HEAD}1,"2,ok\n3,4,ok\n`)).toEqual([
      '2:3 This quote is never closed, expected another " at the end of the field.',
    ]);
    expect(await faults(`${HEAD}1,"2,ok\n${'3,4,ok\n'.repeat(20_000)}`)).toEqual([
      '2:3 This quote is never closed, expected another " at the end of the field.',
    ]);
    expect(await faults(`${HEAD}${'x'.repeat(70_000)}`)).toEqual(['2:1 This line is longer than 65,536 characters.']);
  });
});

describe('recorded calls', () => {
  it('times as seconds or dates, durations in milliseconds or seconds, outcomes by any of their names', async () => {
    const found = await rows(
      `Timestamp,Duration_Seconds,Status_Code,endpoint,method\n0.5,1.5,200,a.b,get\n1,0,Timed Out,,\n2026-03-01T00:00:00Z,2e-3,503,,\n2026-03-01 00:00:01,1,refused,,\n2026-03-01T01:00:02+01:00,1,301,,\n`,
    );
    const day = Date.UTC(2026, 2, 1);
    expect(found.map(({ timeMs, durationMs, fault, operation, method }) => [timeMs, durationMs, fault, operation, method])).toEqual([
      [500, 1_500, undefined, 'a.b', 'GET'],
      [1_000, 0, 'hang', undefined, undefined],
      [day, 2, 503, undefined, undefined],
      [day + 1_000, 1_000, 'refused', undefined, undefined],
      [day + 2_000, 1_000, undefined, undefined, undefined],
    ]);
    expect((await rows('time,duration,outcome,status\n1,2,error,204\n'))[0]?.fault).toBe(500);
  });

  it.each<[string, readonly string[]]>([
    [`${HEAD}1,2,ok\nsoon,2,ok\n`, ['3:1 `time` is "soon", expected seconds, or a date such as 2026-01-31T08:00:00Z.']],
    [`${HEAD}1,fast,ok\n`, ['2:3 `duration` is "fast", expected a number of milliseconds, 0 or more.']],
    [`${HEAD}1,-2,ok\n`, ['2:3 `duration` is "-2", expected a number of milliseconds, 0 or more.']],
    [
      `${HEAD}1,2,timeot\n`,
      ['2:5 `outcome` is "timeot", expected ok, a status, or a cause such as timeout or refused. | Did you mean `timeout`?'],
    ],
    [
      `${HEAD}1,,\n`,
      [
        '2:3 `duration` is empty, expected a number of milliseconds, 0 or more.',
        '2:4 `outcome` is empty, expected ok, a status, or a cause such as timeout or refused.',
      ],
    ],
    [`${HEAD}1,2,ok,4\n`, ['2:1 This row has 4 fields, expected 3, as the first row has. | A field with a comma in it needs quotes.']],
    [
      'time,durration,outcome\n1,2,ok\n',
      ['1:1 There is no column `duration`, expected time, duration and outcome. | Did you mean `duration` by `durration`?'],
    ],
    [
      'time;duration;outcome\n1;2;ok\n',
      [
        '1:1 There are no columns `time`, `duration`, and `outcome`, expected time, duration and outcome. | Columns are parted by commas here, not by ;.',
      ],
    ],
    ['', ['1:1 The file is empty, expected a row of column names: time,duration,outcome.']],
    ['time,duration,outcome,method\n1,2,ok,FETCH\n', ['2:8 `method` is "FETCH", expected an HTTP method such as GET.']],
  ])('%j', async (content, expected) => {
    expect(await faults(content)).toEqual(expected);
  });

  it('shows the line, and gives up after ten faults', async () => {
    expect(await faults(`${HEAD}${'1,2,no\n'.repeat(50)}`)).toHaveLength(10);
    const error = await rows(`${HEAD}1,"a ""b""",no\n`).catch((reason: unknown) => reason as DiagnosticError);
    expect((error as DiagnosticError).diagnostics[0]?.frame).toBe('> 2 | 1,"a ""b""",no\n    |   ^^^^^^^^^');
  });

  it('text that is not UTF-8 is no recording', async () => {
    await expect(records(new Uint8Array([0x61, 0xff, 0x0a]))).rejects.toThrow('r.csv The file is not UTF-8 text.');
  });
});

describe('InOrder', () => {
  const row = (timeMs: number, line = timeMs): RecordedCall => ({
    line,
    timeMs,
    durationMs: 1,
    fault: undefined,
    service: undefined,
    operation: undefined,
    method: undefined,
    request: undefined,
  });

  it('sorts rows that are not too far from their place, and keeps the order of the file for one time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 40 }), (times) => {
        const order = new InOrder(() => expect.unreachable(), 40);
        const given = times.map((time, line) => row(time, line));
        const out = [...order.push(given.slice(0, 10)), ...order.push(given.slice(10)), ...order.end()];
        expect(out).toEqual([...given].sort((a, b) => a.timeMs - b.timeMs || a.line - b.line));
      }),
      { seed: 2 },
    );
  });

  it('tells of rows that come too late, and holds no more than it may', () => {
    const late: (readonly [number, number])[] = [];
    const order = new InOrder(({ line }, lateMs) => late.push([line, lateMs]), 2);
    const out = order.push([row(10), row(20), row(30), row(40), row(5, 99)]);
    expect(out.map(({ timeMs }) => timeMs)).toEqual([10, 20]);
    expect([out.length, late]).toEqual([2, [[99, 15]]]);
  });
});
