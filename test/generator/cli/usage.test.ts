import { afterAll, describe, expect, test } from 'vitest';
import { TestProject } from './project.js';

const project = new TestProject();
afterAll(() => project.remove());

describe('usage', () => {
  test.each([
    ['', 2, 'Usage: fuseline <command>'],
    [
      'generat',
      2,
      'Unknown command "generat", expected generate, check, validate, explain, dashboards, simulate. Did you mean generate?\nSee `fuseline --help`.',
    ],
    ['help chekc', 2, 'Did you mean check?'],
    ['--check', 2, 'Expected a command, found the option --check. For example: fuseline generate --check'],
    ['generate --brekers x', 2, 'Unknown option --brekers. Did you mean --breakers?\nSee `fuseline generate --help`.'],
    ['generate -z', 2, 'Unknown option -z.'],
    ['generate --out', 2, '--out needs a value: --out DIR'],
    ['generate --out --check', 2, '--out needs a value: --out DIR'],
    ['generate --out a --out b', 2, '--out is given twice.'],
    ['generate --check=yes', 2, '--check takes no value, found "yes".'],
    ['generate extra', 2, 'Unexpected argument "extra".'],
    ['generate --tests --no-msw', 2, '--tests needs the mocks that --no-msw turns off.'],
    ['explain', 2, 'Which service? For example: fuseline explain ghl contacts.get\nSee `fuseline explain --help`.'],
    ['explain a b c', 2, 'Unexpected argument "c".'],
  ])('fuseline %s', async (args, code, message) => {
    const ran = await project.run(args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  test.each([
    ['--help', 'Commands:\n  generate    write the clients'],
    ['-h', 'Exit codes: 0 done, 1 error, 2 wrong usage, 3 stale (check).'],
    ['help validate', 'Usage: fuseline validate [options]'],
    ['generate --help', '  --service NAME   only this service; can be repeated'],
    ['check -h', 'Usage: fuseline check [options]'],
    ['explain --help', 'Usage: fuseline explain <service> [<operation>] [options]'],
  ])('fuseline %s goes to stdout', async (args, text) => {
    const ran = await project.run(args);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(text);
  });

  test('fuseline --version', async () => expect((await project.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/));
});
