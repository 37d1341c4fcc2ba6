import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { environmentVariables } from '../../../runtime/config/environment.js';
import { parseBreakers } from '../../../runtime/config/index.js';
import { OLD_NAMES } from '../../../runtime/config/keys.js';
import { SETTINGS } from '../../../runtime/config/schema-settings.js';

const docs = fileURLToPath(new URL('../../../docs', import.meta.url));
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const read = (page: string): string => readFileSync(join(docs, page), 'utf8');
const configuration = read('configuration.md');

/** Settings without the file around them are those of a service. */
function whole(example: string): string {
  if (/^(?:circuit_breaker|resilience):/m.test(example)) return example;
  return `circuit_breaker:\n  services:\n    ghl:\n${example.replace(/^(?=.)/gm, '      ')}`;
}

it('every YAML example of the configuration and of a policy loads, without a warning', () => {
  const ours = pages.filter((page) => page === 'configuration.md' || page.startsWith('policies'));
  const examples = ours.flatMap((page) => [...read(page).matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => ({ page, text })));
  expect(examples.length).toBeGreaterThan(10);
  for (const { page, text } of examples) {
    const { diagnostics, draft } = parseBreakers(whole(text), 'b.yaml', { servicesInUse: ['ghl'] });
    // The form with `resilience` is shown as others write it.
    const hints = /^resilience:/m.test(text) ? [] : draft?.hints;
    expect({ page, diagnostics, hints }).toEqual({ page, diagnostics: [], hints: [] });
  }
});

it('docs/configuration.md names every setting and every variable', () => {
  const keys = Object.keys(SETTINGS).filter((key) => key !== 'fallback_step');
  const retry = Object.keys(SETTINGS.retry.properties).flatMap((key) =>
    key === 'enabled' ? [] : [key in OLD_NAMES ? key : `retry.${key}`],
  );
  const variables = environmentVariables('x').filter((name) => !name.startsWith('X_'));
  for (const name of [...keys, ...retry, ...variables]) expect(configuration).toContain(`\`${name}\``);
});

describe('links', () => {
  it.each(pages)('of %s lead somewhere', (page) => {
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path).replaceAll('\\', '/');
      expect(existsSync(join(docs, file)), `${page}: ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const text = pages.includes(file) ? read(file) : readFileSync(join(docs, file), 'utf8');
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(headings, `${page}: ${target}`).toContain(anchor);
    }
  });

  it('docs/README.md lists every page', () => {
    const listed = new Set([...read('README.md').matchAll(/\]\(([^)#\s]+)/g)].map(([, target]) => target));
    expect(pages.map((page) => page.replaceAll('\\', '/')).filter((page) => page !== 'README.md' && !listed.has(page))).toEqual([]);
  });
});
