import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../report.js';
import { hand, QUICK } from '../settings.js';

/** One set of documents, and where they are. */
interface DocumentSet {
  readonly name: string;
  readonly service: string;
  /** A file or a folder. */
  readonly path: string;
}

interface Outcome {
  readonly ok: boolean;
  readonly documents: number;
  readonly operations: number;
  readonly errors: readonly string[];
  readonly wallMs: number;
  readonly cpuMs: number;
}

const generator = new URL('../../generator/index.js', import.meta.url);
/** The main program runs in the project's folder. */
const upstream = resolve(process.env['UPSTREAM_SPECS'] ?? '../shared/upstream-specs');

const only = process.argv[2];
if (only === undefined) hand(report());
else process.stdout.write(JSON.stringify(await generateOnce(JSON.parse(only) as DocumentSet)));

function report(): Report {
  const notes: string[] = [];
  if (!existsSync(fileURLToPath(generator))) return { tables: [], notes: ['Generation is not measured: there is no generator.'] };
  if (!existsSync(upstream))
    return {
      tables: [],
      notes: [`Generation is not measured: the vendors' documents are not at ${upstream} (UPSTREAM_SPECS names them).`],
    };
  const sets: readonly DocumentSet[] = [
    { name: 'Retell', service: 'retell', path: join(upstream, 'retell', 'retell-openapi.yaml') },
    { name: 'SendGrid', service: 'sendgrid', path: join(upstream, 'sendgrid') },
    { name: 'GHL', service: 'ghl', path: join(upstream, 'ghl', 'apps', '*.json') },
  ];
  const rows: string[][] = [];
  for (const set of QUICK ? sets.slice(0, 2) : sets) {
    const outcome = inFreshProcess(set);
    if ('failed' in outcome) notes.push(`${set.name}: ${outcome.failed}`);
    else {
      const { documents, operations, wallMs, cpuMs } = outcome;
      rows.push([set.name, String(documents), String(operations), seconds(wallMs), seconds(cpuMs), (cpuMs / operations).toFixed(1)]);
      if (!outcome.ok) notes.push(`${set.name}: nothing was written, ${outcome.errors.length} errors; the first: ${outcome.errors[0]}`);
    }
  }
  const columns = ['documents', 'operations', 'wall s', 'CPU s', 'CPU ms/operation'];
  return { tables: [{ title: "Generation from the vendors' documents, in a fresh process, imports included", columns, rows }], notes };
}

function inFreshProcess(set: DocumentSet): Outcome | { readonly failed: string } {
  try {
    const text = execFileSync(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(set)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
    return JSON.parse(text) as Outcome;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: unknown };
    const lines = String(stderr ?? error).split('\n');
    return { failed: lines.find((line) => /Error/.test(line)) ?? lines[0] ?? 'failed' };
  }
}

/** Runs in the child. */
async function generateOnce(set: DocumentSet): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'fuseline-bench-'));
  try {
    const breakers = join(folder, 'breakers.yaml');
    const service = { specs: [set.path], repair: true };
    writeFileSync(breakers, JSON.stringify({ circuit_breaker: { services: { [set.service]: service } } }));
    const started = performance.now();
    const cpu = process.cpuUsage();
    const { generate } = (await import(generator.href)) as typeof import('../../generator/index.js');
    const result = await generate({ specs: folder, breakers, out: join(folder, 'out'), msw: true, tests: true });
    const used = process.cpuUsage(cpu);
    const [made] = result.services;
    return {
      ok: result.ok,
      documents: made?.documents ?? 0,
      operations: made?.operations ?? 0,
      errors: result.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      wallMs: performance.now() - started,
      cpuMs: (used.user + used.system) / 1_000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}
