import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { environmentVariables } from '../../../runtime/config/environment.js';
import { parseBreakers } from '../../../runtime/config/index.js';
import { SETTINGS } from '../../../runtime/config/schema-settings.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url)), 'utf8');

it('every YAML example of docs/configuration.md loads', () => {
  const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);
  expect(examples.length).toBeGreaterThan(1);
  for (const text of examples) expect(parseBreakers(text, 'b.yaml', { servicesInUse: ['ghl'] }).diagnostics).toEqual([]);
});

it('it names every setting and every variable', () => {
  const keys = Object.keys(SETTINGS).filter((key) => key !== 'fallback_step');
  const retry = Object.keys(SETTINGS.retry.properties).flatMap((key) => (key === 'enabled' ? [] : [`retry.${key}`]));
  const variables = environmentVariables('x').filter((name) => !name.startsWith('X_'));
  for (const name of [...keys, ...retry, ...variables]) expect(page).toContain(`\`${name}\``);
});
