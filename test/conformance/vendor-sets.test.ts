import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GenerateResult, generate } from '../../generator/index.js';
import { loadService } from '../../generator/model/load-service.js';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { NIGHTLY } from '../support/nightly.js';
import { upstreamFolder } from './upstream.js';
import { type DocumentSet, documentSets, documentsOf, type Ended, TemporaryProject, type TestEnded } from './vendor-sets.js';
import { checkAnswers, type GeneratedClient, importClient, operationKeys } from './vendor-sets-client.js';
import { type Fault, FaultFinder } from './vendor-sets-faults.js';
import { propertyChecks } from './vendor-sets-properties.js';

const upstream = upstreamFolder();
const title = "clients of the vendors' full sets";

/** Legal in JSON Schema, but a type as narrow as declared would refuse real calls: told without `repair: true` as well, as warnings. */
const WIDENED = ['widened-type', 'empty-object'];

/** Alternatives of `oneOf` that any of them satisfies: no data is one of them only. */
const AMBIGUOUS = ['socialPlanner.getOauthAccounts', 'socialPlanner.attachOauthAccounts'];

/** All of them take minutes: by day the smallest stands for them. */
const SETS = documentSets.filter(({ name }) => NIGHTLY || name === 'retell');
/** Sets whose generated tests run here: the largest of version 3.0, and one of 3.1. */
const TESTED = SETS.filter(({ name }) => !NIGHTLY || ['ghl', 'sendgrid'].includes(name));
/** Tests that are generated for one operation. */
const TESTS_PER_OPERATION = 6;

/** Faults of the vendors' documents, one of each kind: where they are, and how they are read. */
const FAULTS = [
  ['ghl/apps/links.json', 'dangling-ref', '"#/components/schemas/BadRequestDTO"', 'it is read as any value'],
  ['ghl/apps/contacts.json', 'undeclared-path-parameter', '"post"', 'it is declared as a required string'],
  ['ghl/apps/conversations.json', 'invalid-type', '"any"', 'it is read as any value'],
  ['ghl/apps/store.json', 'duplicate-enum-value', '"enum"', 'it is read once'],
  ['ghl/apps/store.json', 'invalid-enum', '"enum"', 'it is read as the values of the inner list'],
  ['ghl/apps/opportunities.json', 'array-without-items', '"', 'it is read as a list of any values'],
  ['ghl/apps/v3/users-v3.json', 'dangling-ref', '"../common/common-schemas.json#', 'it is read as "common/common-schemas.json"'],
  ['ghl/apps/v3/users-v3.json', 'undeclared-path-parameter', '"', 'it is declared as a required string'],
  ['sendgrid/tsg_user_v3.yaml', 'empty-object', 'schema', 'any properties are allowed'],
] as const;

describe.skipIf(upstream === undefined)(upstream === undefined ? `${title} (skipped: no UPSTREAM_SPECS folder)` : title, () => {
  const from = upstream ?? '';
  let project: TemporaryProject;
  let result: GenerateResult;
  let command: Ended;
  let types: Promise<Ended>;
  let tests: Promise<TestEnded>;
  const clients = new Map<string, GeneratedClient>();
  const faults = new Map<string, Fault[]>();

  beforeAll(async () => {
    project = new TemporaryProject();
    project.breakers('breakers.yaml', SETS, true, ({ glob }) => [join(from, glob)]);
    project.breakers('strict.yaml', SETS, false, ({ glob }) => [join(from, glob)]);
    copyWithCarriageReturns(from, project);
    project.breakers('crlf/breakers.yaml', SETS, true, (set) => documentsOf(set, project.path('crlf')).reverse());
    const elsewhere = project.fuseline('generate', '--specs', 'crlf', '--breakers', 'crlf/breakers.yaml', '--out', 'again');
    result = await generate({ cwd: project.folder, breakers: 'breakers.yaml', out: 'out' });
    for (const set of SETS) {
      const { name, client } = set;
      const files = documentsOf(set, from);
      const imported = await importClient(project.path('out', name), client, name);
      clients.set(name, imported);
      project.write(`properties/${name}.ts`, propertyChecks(set, imported, files));
      faults.set(name, FaultFinder.find(files));
    }
    types = project.typecheck('out', 'properties');
    command = await elsewhere;
    tests = project.vitest(...TESTED.map(({ name }) => `out/${name}/`));
  });

  // The children end first: they read the folder.
  afterAll(async () => {
    await Promise.all([types, tests]);
    project.remove();
  });

  const ofSet = (set: DocumentSet, severity: Diagnostic['severity']): Diagnostic[] => {
    const files = new Set([...documentsOf(set, from), ...(faults.get(set.name) ?? []).map(({ file }) => file)]);
    return result.diagnostics.filter((found) => found.severity === severity && files.has(resolve(project.folder, found.file)));
  };

  it('are generated, by the function and by the command', () => {
    expect(result.ok).toBe(true);
    const summary = result.services.map(({ name, client, documents, operations }) => ({ name, client, documents, operations }));
    expect(summary).toEqual(SETS.map(({ glob, ...set }) => set));
    expect(command).toMatchObject({ code: 0, stdout: '' });
    for (const { name, client, operations, documents } of SETS) {
      const of = documents === 1 ? '1 document' : `${documents} documents`;
      expect(command.stderr).toContain(`✓ ${name}: ${client}, ${operations} operations from ${of}\n`);
    }
  });

  it.each(SETS)('$name: every operation of its documents is there, once', (set) => {
    const { operations, mocks, Client } = clients.get(set.name) ?? never();
    const keys = operationKeys(documentsOf(set, from)).sort();
    expect(keys).toHaveLength(set.operations);
    const descriptors = Object.values(operations);
    expect(descriptors.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(keys);
    expect(Object.keys(mocks).sort()).toEqual(Object.keys(operations).sort());
    const ids = new Set(descriptors.map(({ id }) => id));
    expect(ids.size).toBe(keys.length);
    expect([...ids].filter((id) => !/^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/.test(id))).toEqual([]);
    const client = new Client({ token: 'test' }) as Record<string, object>;
    const methods = Object.entries(client).flatMap(([namespace, api]) =>
      Object.getOwnPropertyNames(Object.getPrototypeOf(api)).flatMap((name) => (name === 'constructor' ? [] : [`${namespace}.${name}`])),
    );
    expect(methods.filter((method) => ids.has(method)).sort()).toEqual([...ids].sort());
  });

  it.each(SETS)('$name: every fault of its documents is repaired and told once, where it is', (set) => {
    const told = ofSet(set, 'repair').map((found) => ({ ...found, place: `${found.line}:${found.column}` }));
    const open = [...(faults.get(set.name) ?? [])];
    const surplus = told.filter(({ code, file, place }) => {
      const at = open.findIndex(
        (fault) => fault.code === code && fault.file === resolve(project.folder, file) && fault.places.includes(place),
      );
      if (at !== -1) open.splice(at, 1);
      return at === -1;
    });
    expect(surplus.map(({ code, file, place, message }) => `${code} ${file}:${place} ${message}`)).toEqual([]);
    expect(open).toEqual([]);
    expect(told.filter(({ frame, line }) => !frame?.includes(`> ${line} |`))).toEqual([]);
  });

  it.each(NIGHTLY ? FAULTS : [])('%s: %s', (path, code, text, done) => {
    const file = join(from, path);
    const found = result.diagnostics.find((entry) => entry.code === code && resolve(project.folder, entry.file) === file);
    expect(found).toMatchObject({ severity: 'repair', message: expect.stringContaining(done) });
    const line = readFileSync(file, 'utf8').split('\n')[(found?.line ?? 0) - 1] ?? '';
    expect(line.slice((found?.column ?? 0) - 1).startsWith(text), line).toBe(true);
  });

  it.each(SETS)('$name: without `repair: true` every fault is an error that names the switch', async (set) => {
    const files = documentsOf(set, from);
    const { model, diagnostics } = await loadService({ name: set.name, files, repair: false, names: {}, lock: {}, cwd: project.folder });
    const serious = (faults.get(set.name) ?? []).filter(({ code }) => !WIDENED.includes(code));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.length).toBe(serious.length);
    expect(errors.filter(({ line, column, frame }) => line === undefined || column === undefined || frame === undefined)).toEqual([]);
    expect(errors.filter(({ hint }) => !hint?.includes('`repair: true`'))).toEqual([]);
    expect(model === undefined).toBe(serious.length > 0);
  });

  if (NIGHTLY) {
    it('are not generated without `repair: true`: nothing is written', async () => {
      const before = project.files('out');
      const services = ['ghl', 'ghl-v3'];
      const failed = await generate({ cwd: project.folder, breakers: 'strict.yaml', out: 'out', services });
      expect(failed).toMatchObject({ ok: false, changes: [] });
      const { code, stderr } = await project.fuseline('generate', '--breakers', 'strict.yaml', '--out', 'strict', '--service', 'ghl');
      expect(code).toBe(1);
      const place = `links.json:${errorIn(failed, 'links.json').line}:${errorIn(failed, 'links.json').column} error dangling-ref`;
      expect(stderr).toContain(place);
      expect(stderr).toContain('With `repair: true` for this service it is read as any value.');
      expect(stderr).toContain('Nothing was written.');
      expect(existsSync(project.path('strict'))).toBe(false);
      expect(project.files('out')).toEqual(before);
    });
  }

  it('are the same bytes from another process, with the documents elsewhere, in another order and with CRLF', () => {
    const [first, second] = [project.files('out'), project.files('again')];
    expect([...second.keys()]).toEqual([...first.keys()]);
    expect([...first].filter(([path, text]) => second.get(path) !== text).map(([path]) => path)).toEqual([]);
    expect([...first].filter(([, text]) => text.includes('\r')).map(([path]) => path)).toEqual([]);
  });

  it('are up to date when generated again over themselves', async () => {
    const services = SETS.slice(0, 1).map(({ name }) => name);
    const again = await generate({ cwd: project.folder, breakers: 'breakers.yaml', out: 'out', services, check: true });
    expect(again).toMatchObject({ ok: true, changes: [] });
  });

  it('pass the strict compiler', async () => {
    const { stdout } = await types;
    expect(stdout).toMatch(/^Files: /m);
    expect(typeErrors(stdout).filter((line) => !line.startsWith('properties/'))).toEqual([]);
  });

  it('have the properties of their documents in bodies and results, and require the same', async () => {
    const { code, stdout } = await types;
    expect(typeErrors(stdout).filter((line) => line.startsWith('properties/'))).toEqual([]);
    expect(code).toBe(0);
  });

  it(`pass the tests that are generated with them: ${TESTED.map(({ name }) => name).join(', ')}`, async () => {
    const { report, stderr } = await tests;
    const operations = TESTED.reduce((sum, set) => sum + set.operations, 0);
    expect(report, stderr.slice(-2000)).toMatchObject({
      success: true,
      numFailedTests: 0,
      numPassedTests: TESTS_PER_OPERATION * operations,
    });
  });

  it.each(SETS)("$name: every answer of its mocks satisfies the vendor's own schema", async (set) => {
    const { wrong, compared } = await checkAnswers(clients.get(set.name) ?? never(), documentsOf(set, from));
    expect(compared).toBeGreaterThan(set.operations);
    expect(wrong.filter((text) => !AMBIGUOUS.some((id) => text.startsWith(`${id} `)))).toEqual([]);
    const unsatisfied = ofSet(set, 'warning').filter(({ code }) => code === 'example-unsatisfied');
    expect(unsatisfied.filter(({ message }) => !AMBIGUOUS.some((id) => message.includes(`\`${id}\``)))).toEqual([]);
  });
});

/** The first of them: each may bring many more. */
function typeErrors(stdout: string): string[] {
  const errors = stdout.split('\n').filter((line) => line.includes('error TS'));
  return errors.slice(0, 50);
}

function never(): never {
  throw new Error('expected a set of documents');
}

function errorIn({ diagnostics }: GenerateResult, name: string): Diagnostic {
  return diagnostics.find(({ severity, file }) => severity === 'error' && file.endsWith(name)) ?? never();
}

/** Copies every document into `crlf/` of the project, its lines ended as on Windows. */
function copyWithCarriageReturns(upstream: string, project: TemporaryProject): void {
  for (const entry of readdirSync(upstream, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(json|ya?ml)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    project.write(`crlf/${relative(upstream, file)}`, readFileSync(file, 'utf8').replaceAll(/\r?\n/g, '\r\n'));
  }
}
