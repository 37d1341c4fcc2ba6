import { afterEach, describe, expect, test } from 'vitest';
import { ACME_SPEC, BREAKERS, FILES, TestProject } from './project.js';

let project: TestProject;
const start = (files: Record<string, string> = FILES): TestProject => {
  project = new TestProject(files);
  return project;
};
afterEach(() => project.remove());

describe('fuseline generate', () => {
  test('writes a folder per service and says so', async () => {
    const ran = await start().run('generate');
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(ran.stderr).toMatch(/^✓ acme: AcmeClient, 2 operations from 1 document\n\d+ added, 0 unchanged in generated\/, \d+\.\d s\n$/);
    expect(Object.keys(project.snapshot('generated/acme'))).toEqual(
      expect.arrayContaining([
        'generated/acme/client.ts',
        'generated/acme/msw.ts',
        'generated/acme/acme.test.ts',
        'generated/acme/names.lock.json',
      ]),
    );
    expect((await project.run('generate')).stderr).toMatch(/\n\d+ unchanged in generated\//);
  });

  test('reads and writes where it is told', async () => {
    start({ 'api/acme.yaml': ACME_SPEC, 'config/cb.yaml': BREAKERS });
    const ran = await project.run('generate --specs api --breakers config/cb.yaml --out src/clients --no-msw --no-tests --quiet');
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(project.read('src/clients/acme/index.ts')).toContain("export * from './client.js';");
  });

  test.each([
    [
      '{"devDependencies":{"msw":"2"}}',
      true,
      false,
      'Tests are not written: the package.json above the output folder does not name vitest. Install vitest, or pass --tests.',
    ],
    [
      '{"dependencies":{"vitest":"4"}}',
      false,
      false,
      'Mocks (msw.ts) are not written: the package.json above the output folder does not name msw. Install msw, or pass --msw.',
    ],
    ['not json', false, false, 'Mocks (msw.ts) are not written'],
    ['{"peerDependencies":{"vitest":"4"},"optionalDependencies":{"msw":"2"}}', true, true, undefined],
  ])('mocks and tests by default: package.json %s', async (text, msw, tests, note) => {
    const ran = await start({ ...FILES, 'package.json': text }).run('generate');
    const files = Object.keys(project.snapshot('generated'));
    expect(files.includes('generated/acme/msw.ts')).toBe(msw);
    expect(files.includes('generated/acme/acme.test.ts')).toBe(tests);
    if (note === undefined) expect(ran.stderr).not.toContain('Note:');
    else expect(ran.stderr).toContain(`Note: ${note}`);
  });

  test('one service at a time leaves the others alone', async () => {
    start({ ...FILES, 'specs/shop.yaml': ACME_SPEC, 'specs/breakers.yaml': BREAKERS.replace('    acme:\n', '    shop: {}\n    acme:\n') });
    await project.run('generate');
    project.write('specs/acme.yaml', ACME_SPEC.replace('Get a contact', 'Read a contact'));
    project.write('specs/shop.yaml', ACME_SPEC.replace('Get a contact', 'Read a contact'));
    expect((await project.run('generate --service acme')).stderr).toMatch(/1 changed, \d+ unchanged/);
    expect(project.read('generated/acme/namespaces/contacts.ts')).toContain('Read a contact');
    expect(project.read('generated/shop/namespaces/contacts.ts')).toContain('Get a contact');
    const wrong = await project.run('generate --service acmee');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('Did you mean `acme`?');
  });

  test('a service whose documents are gone from the YAML is removed', async () => {
    start({ ...FILES, 'specs/shop.yaml': ACME_SPEC, 'specs/breakers.yaml': BREAKERS.replace('    acme:\n', '    shop: {}\n    acme:\n') });
    await project.run('generate');
    project.write('specs/breakers.yaml', BREAKERS);
    expect((await project.run('generate')).stderr).toMatch(/\d+ removed/);
    expect(Object.keys(project.snapshot('generated')).some((path) => path.includes('/shop/'))).toBe(false);
  });

  test('a method keeps its name when the document renames the operation', async () => {
    start();
    await project.run('generate');
    project.write('specs/acme.yaml', ACME_SPEC.replace('getContact', 'fetchOnePerson'));
    await project.run('generate');
    expect(project.read('generated/acme/names.lock.json')).toContain('"GET /contacts/{contactId}": "contacts.get"');
  });

  test('documents are found in a folder, or where `specs` says', async () => {
    start({ 'specs/acme/one.yml': ACME_SPEC, 'specs/breakers.yaml': BREAKERS });
    expect((await project.run('generate')).code).toBe(0);
    project.write('specs/breakers.yaml', BREAKERS.replace('      failure_threshold: 3\n', "      specs: ['../docs/{a,b}*.yaml']\n"));
    project.write('docs/acme-1.yaml', ACME_SPEC);
    expect((await project.run('generate')).code).toBe(0);
  });
});

describe('with a fault', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['no YAML', { 'specs/acme.yaml': ACME_SPEC }, ['specs/breakers.yaml error missing-file']],
    [
      'no document',
      { 'specs/breakers.yaml': BREAKERS },
      [
        'specs/breakers.yaml:6:5 error missing-spec',
        'looked for specs/acme.yaml, specs/acme.yml, specs/acme.json, specs/acme',
        '> 6 |     acme:',
      ],
    ],
    [
      'a `specs` entry that leads to nothing',
      { ...FILES, 'specs/breakers.yaml': BREAKERS.replace('      failure_threshold: 3\n', '      specs: [acme.yaml, missing/*.yaml]\n') },
      ['specs/breakers.yaml:7:26 error missing-spec', 'looked for specs/missing/*.yaml'],
    ],
    [
      'an unknown operation',
      { ...FILES, 'specs/breakers.yaml': BREAKERS.replace('contacts.get:', 'contacts.gett:') },
      ['specs/breakers.yaml:9:9 error unknown-operation', 'Did you mean `contacts.get`?', '^^^^^^^^^^^^^'],
    ],
    [
      'a fallback of the wrong type',
      { ...FILES, 'specs/breakers.yaml': BREAKERS.replace('value: { id: nobody }', 'value: { id: 7 }') },
      ['specs/breakers.yaml:13:15 error fallback-type', '/id must be string', '> 13 |             - value: { id: 7 }'],
    ],
    [
      'an environment of an unknown service',
      { ...FILES, 'specs/breakers.yaml': BREAKERS.replace('acme: { failure_threshold: 4 }', 'acne: { failure_threshold: 4 }') },
      ['error unknown-service', 'Did you mean `acme`?'],
    ],
    ['no service at all', { ...FILES, 'specs/breakers.yaml': 'circuit_breaker: { services: {} }\n' }, ['error no-services']],
    [
      'a dangling reference and a wrong key together',
      {
        ...FILES,
        'specs/acme.yaml': ACME_SPEC.replace("schemas/Contact' }\n      responses", "schemas/Contatc' }\n      responses"),
        'specs/breakers.yaml': BREAKERS.replace('contacts.get:', 'contact.get:'),
      },
      ['error dangling-ref'],
    ],
  ])('%s: exit 1, a place, nothing written', async (_, files, messages) => {
    start(files);
    const before = project.snapshot();
    const ran = await project.run('generate');
    expect(ran.code).toBe(1);
    for (const message of messages) expect(ran.stderr).toContain(message);
    expect(ran.stderr).toMatch(/\n\d+ errors?(, \d+ \w+)*\nNothing was written\.\n$/);
    expect(project.snapshot()).toEqual(before);
  });

  test('what was generated before stays as it is', async () => {
    start();
    await project.run('generate');
    project.write('specs/acme.yaml', ACME_SPEC.replace('openapi: 3.1.0', "swagger: '2.0'"));
    const before = project.snapshot();
    expect((await project.run('generate')).code).toBe(1);
    expect(project.snapshot()).toEqual(before);
  });

  test('GitHub gets annotations, and --json has the findings', async () => {
    start({ ...FILES, 'specs/breakers.yaml': BREAKERS.replace('contacts.get:', 'contacts.gett:') });
    const github = await project.run('generate', { env: { GITHUB_ACTIONS: 'true' } });
    expect(github.stderr).toMatch(/^::error file=specs\/breakers\.yaml,line=9,col=9,endColumn=22,title=unknown-operation::/m);
    const json = await project.run('generate --json');
    expect(json.stderr).toBe('');
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, diagnostics: [{ code: 'unknown-operation', line: 9 }] });
  });

  test('a name that could leave the folder is refused', async () => {
    start({ ...FILES, 'specs/breakers.yaml': "circuit_breaker:\n  services:\n    '../evil': { specs: [acme.yaml] }\n" });
    const ran = await project.run('generate');
    expect(ran.code).toBe(1);
    expect(Object.keys(project.snapshot())).toEqual(Object.keys(FILES).sort());
  });
});

describe('fuseline check', () => {
  test('0 where all is up to date, 3 with a short diff where not', async () => {
    start();
    await project.run('generate');
    const fine = await project.run('check');
    expect(fine).toMatchObject({ code: 0, stdout: '' });
    expect(fine.stderr).toMatch(/✓ generated\/ is up to date \(\d+ files\)/);
    project.write('specs/breakers.yaml', BREAKERS.replace('      failure_threshold: 3', '      failure_threshold: 9'));
    const before = project.snapshot();
    for (const command of ['check', 'generate --check']) {
      const stale = await project.run(command);
      expect(stale.code).toBe(3);
      expect(stale.stdout).toContain('generated/acme/config.ts: differs\n');
      expect(stale.stdout).toContain('  -  service: { failureThreshold: 3 },\n  +  service: { failureThreshold: 9 },\n');
      expect(stale.stderr).toMatch(/✗ generated\/ is stale: 2 changed, \d+ unchanged\. Run `fuseline generate`\./);
    }
    expect(project.snapshot()).toEqual(before);
    const json = await project.run('check --json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      changes: [{ kind: 'changed', path: 'acme/acme.test.ts' }, { path: 'acme/config.ts' }],
    });
  });
});

describe('for people', () => {
  test('progress in a terminal only, colors unless they are not wanted', async () => {
    start();
    const shown = await project.run('generate', { terminal: true });
    expect(shown.stderr).toContain('\r\u001b[K\u001b[2mreading acme (1 of 1) …\u001b[0m');
    expect(shown.stderr).toContain('\u001b[32m✓\u001b[0m acme');
    const plain = await project.run('generate', { terminal: true, env: { NO_COLOR: '1', CI: '1' } });
    expect(plain.stderr).not.toContain('\u001b');
    expect((await project.run('generate --color')).stderr).toContain('\u001b[32m✓');
    expect((await project.run('generate --no-color', { terminal: true, env: { CI: '1' } })).stderr).not.toContain('\u001b');
    expect((await project.run('generate', { env: { FORCE_COLOR: '1' } })).stderr).toContain('\u001b[32m✓');
  });

  test('many warnings are grouped by what they are, the first of each shown; --verbose shows all', async () => {
    const operations = (least: number, most: number): string =>
      Array.from({ length: most - least + 1 }, (_, at) => `        contacts.get${at + least}: { timeout_seconds: 1 }\n`).join('');
    const breakers = (most: number): string =>
      `circuit_breaker:\n  services:\n    acme:\n      recovery_timeout_seconds: 0\n      retry: false\n      operations:\n${operations(1, most).replaceAll('timeout_seconds: 1', 'recovery_timeout_seconds: 0, retry: { max_attempts: 2 }')}`;
    const paths = (most: number): string =>
      Array.from(
        { length: most },
        (_, at) => `  /c${at + 1}:\n    get: { operationId: get${at + 1}, tags: [contacts], responses: { '204': { description: x } } }\n`,
      ).join('');
    start({ ...FILES, 'specs/acme.yaml': ACME_SPEC.replace('paths:\n', `paths:\n${paths(9)}`), 'specs/breakers.yaml': breakers(9) });
    const many = await project.run('validate');
    expect(many.stderr).toMatch(
      /^\d+ warnings unusual-recovery\n( {2}specs\/breakers\.yaml:\d+:\d+ .*\n){3} {2}… and 7 more \(--verbose shows all\)\n\n/,
    );
    expect(many.stderr).toMatch(/\n9 warnings retry-is-off\n( {2}specs\/breakers\.yaml:\d+:\d+ .*\n){3} {2}… and 6 more/);
    expect(many.stderr).toContain('\n19 warnings\n');
    expect(many.stderr.split('\n').length).toBeLessThan(20);
    const all = (await project.run('validate --verbose')).stderr;
    expect(all.match(/warning (?:unusual-recovery|retry-is-off)\n/g)).toHaveLength(19);
    project.write('specs/breakers.yaml', breakers(3));
    expect((await project.run('validate')).stderr.match(/warning (?:unusual-recovery|retry-is-off)\n/g)).toHaveLength(7);
  });

  test('repairs are counted, the first ten shown', async () => {
    const paths = Array.from(
      { length: 12 },
      (_, at) => `  /things${at}/{id}:\n    get: { responses: { '204': { description: x } } }\n`,
    ).join('');
    start({
      ...FILES,
      'specs/acme.yaml': ACME_SPEC.replace('paths:\n', `paths:\n${paths}`),
      'specs/breakers.yaml': BREAKERS.replace('      failure_threshold: 3', '      repair: true'),
    });
    const few = await project.run('generate');
    expect(few.stderr).toMatch(/^12 repaired\n {2}specs\/acme\.yaml:\d+:\d+ /);
    expect(few.stderr).toContain('  … and 2 more (--verbose shows all)\n');
    expect((await project.run('generate --verbose')).stderr).not.toContain('more (--verbose');
    expect((await project.run('generate --quiet')).stderr).toBe('');
  });
});
