import { afterEach, expect, it } from 'vitest';
import { DocProject } from '../support/doc-process.js';

let project: DocProject;
afterEach(() => project.remove());

it('a file is checked, applied and watched where no code can be generated, as on platforms with a content security policy', async () => {
  project = new DocProject();
  project.write(
    'main.ts',
    `
import { applyBreakers, watchBreakers } from 'fuseline/config';
import { GhlClient } from 'fuseline/ghl';

let generates = true;
try { new Function('return 1')(); } catch { generates = false; }
const ghl = new GhlClient({ token: 't' });
const source = (settings) => ({ read: async () => new TextEncoder().encode('circuit_breaker: { services: { ghl: { ' + settings + ' } } }'), watch: () => ({ close() {} }) });
const apply = (settings) => applyBreakers({ file: 'b.yaml', clients: ghl, source: source(settings) });
const { warnings } = await apply('failure_threshold: 7, operations: { contacts.get: { fallback: [{ value: 7 }] } }');
const refused = await apply('failure_treshold: 0, success_threshold: no').catch((error) => error.message);
const watcher = watchBreakers({ file: 'b.yaml', clients: ghl, source: source('failure_threshold: 8') });
await watcher.ready;
watcher.close();
console.log(JSON.stringify({ generates, warnings: warnings.map(({ code }) => code), refused, threshold: ghl.breaker('contacts.get').options.failureThreshold }));
console.log('ready');
`,
  );
  const running = await project.start('main.ts', { NODE_OPTIONS: '--disallow-code-generation-from-strings' });
  const { code, output } = await running.ended;
  expect(code).toBe(0);
  const [said = ''] = output.split('\n');
  const { generates, warnings, refused, threshold } = JSON.parse(said) as Record<string, unknown>;
  expect({ generates, warnings, threshold }).toEqual({ generates: false, warnings: ['unchecked-fallback'], threshold: 8 });
  expect(String(refused).split('\n')).toEqual([
    expect.stringMatching(/^b\.yaml:1:\d+ Unknown key `failure_treshold`/),
    expect.stringMatching(/^b\.yaml:1:\d+ `success_threshold` is "no", expected a whole number/),
  ]);
});
