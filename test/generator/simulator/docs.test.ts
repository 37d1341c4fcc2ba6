import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { run } from '../../../generator/cli/run.js';
import { parseScenario } from '../../../generator/simulator/scenario/load-scenario.js';
import { SCENARIO_SCHEMA } from '../../../generator/simulator/scenario/schema.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = readFileSync(`${root}docs/simulate.md`, 'utf8');

async function printed(command: string): Promise<string> {
  let text = '';
  const io = {
    stdout: (part: string) => {
      text += part;
    },
    stderr: () => undefined,
    env: {},
    cwd: root,
    terminal: false,
  };
  expect(await run(command.split(' '), io)).toBe(0);
  return text.trimEnd();
}

const shown = [...page.matchAll(/^```console\n\$ fuseline (.*)\n([\s\S]*?)\n```$/gm)].map(
  ([, command = '', output = '']) => [command, output] as const,
);

it('docs/simulate.md shows two runs', () => {
  expect(shown).toHaveLength(2);
});

it.each(shown)('what docs/simulate.md shows of `fuseline %s` is what it prints', async (command, output) => {
  expect(await printed(command)).toBe(output);
});

it('so is the comparison', async () => {
  const [, table = ''] = /^```text\n(Compared\n[\s\S]*?)\n```$/m.exec(page) ?? [];
  const [, command = ''] = /`fuseline (simulate [^`]* --compare [^`]*)`/.exec(page) ?? [];
  expect((await printed(command)).endsWith(`\n${table}`)).toBe(true);
  expect(table).toContain('gentler.yaml');
});

it('its scenario is one, and every key is explained', () => {
  const [, text = ''] = /^```yaml\n([\s\S]*?)```$/m.exec(page) ?? [];
  const { draft, diagnostics } = parseScenario(text, 's.yaml');
  expect(diagnostics).toEqual([]);
  expect([...(draft?.services.keys() ?? [])]).toEqual(['ghl', 'sendgrid']);
  const keys = Object.keys(SCENARIO_SCHEMA['properties'] as object).filter((key) => key !== 'name' && !key.startsWith('service'));
  for (const key of keys) expect(page, key).toContain(`| \`${key}\``);
});
