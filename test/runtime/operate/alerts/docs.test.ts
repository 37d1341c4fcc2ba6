import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { webhook } from 'fuseline/alerts';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { AlertRule } from '../../../../runtime/config/alert-types.js';
import { parseBreakers } from '../../../../runtime/config/index.js';
import { pageOf } from '../../../../runtime/operate/alerts/alert.js';
import { webhookBody } from '../../../../runtime/operate/alerts/channels/webhook.js';
import { Loopback } from '../../../support/loopback.js';
import { alert } from './alert.js';
import { withChannel } from './channels/setup.js';

const docs = fileURLToPath(new URL('../../../../docs/', import.meta.url));
const page = await readFile(join(docs, 'alerts.md'), 'utf8');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

type Verify = (headers: Record<string, unknown>, body: string, secret: string, seen: Set<string>, now?: number) => boolean;

/** The example that receivers are given, as they would run it. */
async function verifier(folder: string): Promise<Verify> {
  const code = blocks('ts').find((text) => text.includes('function verify')) ?? '';
  const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
  const file = join(folder, 'verify.mjs');
  await writeFile(file, outputText);
  return ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { verify: Verify }).verify;
}

describe('docs/alerts.md', () => {
  it('its YAML loads, and says what the text says', () => {
    const [example = ''] = blocks('yaml');
    const { config, diagnostics } = parseBreakers(example, 'b.yaml');
    expect(diagnostics).toEqual([]);
    expect(Object.keys(config?.alerts('production')?.channels ?? {})).toEqual(['ops', 'pager', 'mail', 'tickets']);
    expect(Object.keys(config?.alerts('staging')?.channels ?? {})).toEqual(['ops', 'mail', 'tickets']);
    expect(config?.alerts('test')?.enabled).toBe(false);
  });

  it('its example of a webhook has the keys of a real one', () => {
    const [example = ''] = blocks('json');
    const shown = JSON.parse(example) as { data: object };
    const real = webhookBody(alert()) as { data: object };
    expect([Object.keys(shown), Object.keys(shown.data)]).toEqual([Object.keys(real), Object.keys(real.data)]);
  });

  it.each(['a-secret-of-some-length', `whsec_${Buffer.alloc(24, 7).toString('base64')}`])(
    'its check of signatures holds: %s',
    async (secret) => {
      const folder = await mkdtemp(join(tmpdir(), 'fuseline-verify-'));
      const server = await Loopback.start();
      try {
        const verify = await verifier(folder);
        const { open, clock } = withChannel(webhook({ url: server.origin, secretEnv: 'SECRET' }), { SECRET: secret });
        open();
        const { headers, body } = await server.request(1);
        const text = String(body);
        const now = clock.wallNow();
        const check = (given: object, content = text, key = secret, at = now): boolean =>
          verify({ ...headers, ...given }, content, key, new Set(), at);
        expect(check({})).toBe(true);
        expect(check({ 'webhook-signature': `v1,bm90IHRoaXMgb25l ${headers['webhook-signature']}` })).toBe(true);
        expect(check({}, text.replace('critical', 'info'))).toBe(false);
        expect(check({}, text, 'another-secret-altogether')).toBe(false);
        expect(check({ 'webhook-id': 'another' })).toBe(false);
        expect(check({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) })).toBe(false);
        expect(check({ 'webhook-signature': 'v1,' })).toBe(false);
        expect(check({ 'webhook-signature': undefined })).toBe(false);
        expect(check({}, text, secret, now + 301_000)).toBe(false);
        expect(check({}, text, secret, now - 301_000)).toBe(false);
        const seen = new Set<string>();
        expect([verify(headers, text, secret, seen, now), verify(headers, text, secret, seen, now)]).toEqual([true, false]);
      } finally {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});

describe('docs/runbooks', () => {
  const rules: readonly AlertRule[] = ['circuit_open', 'circuit_open_long', 'low_success_rate', 'circuit_half_open', 'circuit_recovered'];

  it('has a page for every rule', async () => {
    const pages = await readdir(join(docs, 'runbooks'));
    expect(pages).toEqual(expect.arrayContaining(rules.map((rule) => `${pageOf(rule)}.md`)));
    for (const rule of rules) expect(page).toContain(`(runbooks/${pageOf(rule)}.md)`);
  });

  it.each(rules)('%s says what it means, where to look, what to do and whom to call, and links to pages that are there', async (rule) => {
    const text = await readFile(join(docs, 'runbooks', `${pageOf(rule)}.md`), 'utf8');
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(['Meaning', 'First look', 'Decide', 'Escalate']);
    expect(text).toContain('/health/circuit-breakers');
    expect(text).toContain('/circuit-breakers/ghl/reset');
    expect(text).toContain('fuseline explain');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) await readFile(join(docs, 'runbooks', target));
  });
});
