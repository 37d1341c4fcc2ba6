import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ruleGroups } from '../../../generator/ops/alert-rules.js';
import { opsFiles } from '../../../generator/ops/ops-files.js';
import { plan } from './plan.js';

const docs = (path: string): string => readFileSync(fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url)), 'utf8');
const page = docs('prometheus-and-grafana.md');
const rules = ruleGroups(plan('circuit_breaker: {}'))[0]?.rules ?? [];

describe('docs/prometheus-and-grafana.md', () => {
  test('has every alert with its severity and runbook, and every file', () => {
    const rows = [...page.matchAll(/^\| `(CircuitBreaker\w+)` \| (\w+) \| .* \| \[.*\]\((.*)\) \|$/gm)].map(([, ...cells]) => cells);
    expect(rows).toEqual(
      rules.map(({ alert, labels, annotations }) => [
        alert,
        labels['severity'],
        annotations['runbook']?.replace('node_modules/fuseline/docs/', ''),
      ]),
    );
    for (const file of opsFiles(plan('circuit_breaker: {}')).keys()) expect(page).toContain(`| \`${file}\` |`);
  });

  test.each(rules.map(({ alert, annotations }) => [alert, annotations['runbook'] ?? '']))('%s has its runbook', (_, runbook) => {
    const text = docs(runbook.replace('node_modules/fuseline/docs/', ''));
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(['Meaning', 'First look', 'Decide', 'Escalate']);
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) expect(docs(`runbooks/${target}`)).not.toBe('');
  });
});
