import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { IN_DOCUMENTS } from './document-faults.js';
import { FaultyProject, inSpec, inYaml, readMessages, YAML } from './faulty-project.js';
import { IN_YAML } from './yaml-faults.js';

let project: FaultyProject;
let before: Record<string, string>;

beforeAll(async () => {
  project = new FaultyProject();
  expect(await project.run('generate --quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
  before = project.output();
});
afterEach(() => project.mend());
afterAll(() => project.remove());

describe('bad input: exit 1, the exact place, what was expected; the output stays as it is', () => {
  test.each([...IN_YAML, ...IN_DOCUMENTS])('%s', async (_, edits, code, says, suggests) => {
    const [token] = project.break(Array.isArray(edits) ? edits : [edits]);
    const ran = await project.run('generate');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    const messages = readMessages(ran.stderr);
    const found = messages.find((message) => message.code === code);
    expect(found?.text).toContain(says);
    if (suggests !== undefined) expect(found?.text).toContain(suggests);
    expect(found?.place).toMatch(/^specs\/[\w.]+:\d+:\d+$/);
    if (token !== undefined) {
      expect(found?.place).toBe(`${token.file}:${token.line}:${token.column}`);
      expect(found?.underlined).toBe(token.text.replaceAll('\t', ' '));
    }
    expect(ran.stderr).toMatch(/\n\d+ errors?(, 1 warning)?\nNothing was written\.\n$/);
    expect(project.output()).toEqual(before);
    // The same for whoever only wants to know.
    for (const command of ['validate', 'check']) expect((await project.run(command)).code).toBe(1);

    project.mend();
    expect(await project.run('check --quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('a missing YAML: says what to write first', async () => {
    project.break([{ file: YAML, text: undefined }]);
    const { code, stderr } = await project.run('generate');
    expect(code).toBe(1);
    expect(stderr).toContain('specs/breakers.yaml error missing-file\n  There is no such file, expected the breaker YAML.\n');
    expect(stderr).toContain('For example: `circuit_breaker: { services: { acme: {}, shop: {} } }`');
    expect(project.output()).toEqual(before);
    project.write('specs/breaker.yaml', '');
    expect((await project.run('generate')).stderr).toContain('Did you mean specs/breaker.yaml?');
    expect((await project.run('generate --specs nowhere')).stderr).toContain(
      'There is no folder nowhere either: name yours with `--specs DIR`',
    );
    expect((await project.run('generate --specs specs/acme.yaml')).stderr).toContain('`--specs` wants the folder of the documents');
  });

  test('several faults, of the YAML and of documents, are told together and once', async () => {
    const tokens = project.break([
      inYaml('    failure_threshold: 5', '    «failure_treshold»: 5'),
      inYaml('      failure_threshold: 3', '      success_threshold: «0»'),
      inYaml('contacts.get:', '«contacts.gett»:'),
      inSpec('in: path', 'in: «qery»'),
      inSpec('id: { type: string }', 'id: { type: «strng» }'),
      { file: 'specs/shop.yaml', instead: 'openapi: 3.1.0', text: "swagger: «'2.0'»" },
    ]);
    const { code, stderr } = await project.run('generate');
    expect(code).toBe(1);
    expect(
      readMessages(stderr)
        .map(({ place }) => place)
        .sort(),
    ).toEqual(tokens.map(({ file, line, column }) => `${file}:${line}:${column}`).sort());
    expect(stderr).toContain('\n6 errors\nNothing was written.\n');
    expect(project.output()).toEqual(before);
  });

  test('a fault in one service keeps the others from being written, too', async () => {
    project.break([inSpec('in: path', 'in: qery'), { file: 'specs/shop.yaml', instead: 'Get a article', text: 'Read an article' }]);
    expect((await project.run('generate')).code).toBe(1);
    expect(project.output()).toEqual(before);
    // Unless the faulty one is not asked for.
    expect((await project.run('check --service shop')).code).toBe(3);
  });
});

describe('the other exit codes', () => {
  test.each([
    ['generate --brekers x', 'Unknown option --brekers. Did you mean --breakers?'],
    ['generate --otu x', 'Unknown option --otu. Did you mean --out?'],
    ['chekc', 'Did you mean check?'],
  ])('wrong usage is 2: %s', async (args, message) => {
    const ran = await project.run(args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(message);
    expect(project.output()).toEqual(before);
  });

  test('drift is 3, with a diff of what changed and no more', async () => {
    project.break([inYaml('      failure_threshold: 3\n', '      failure_threshold: 7\n')]);
    const ran = await project.run('generate --check');
    expect(ran.code).toBe(3);
    const changed = ran.stdout.split('\n').filter((line) => /^ {2}[-+]/.test(line));
    expect(changed).toEqual([
      expect.stringContaining('-const usual = { failure: 500, enabled: true, failureThreshold: 3,'),
      expect.stringContaining('+const usual = { failure: 500, enabled: true, failureThreshold: 7,'),
      '  -  service: { failureThreshold: 3 },',
      '  +  service: { failureThreshold: 7 },',
    ]);
    expect(ran.stderr).toMatch(/^✗ generated\/ is stale: 2 changed, \d+ unchanged\. Run `fuseline generate`\.\n$/);
    expect(project.output()).toEqual(before);
  });
});
