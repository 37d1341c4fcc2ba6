import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pageModule } from '../../../../.ci/dashboard-page.js';
import { PAGE, SCRIPT_DIGEST, STYLE_DIGEST } from '../../../../runtime/operate/dashboard/page.generated.js';

describe('the page', () => {
  it('is what its files make; `npm run page` brings it up to date', () => {
    const made = readFileSync(fileURLToPath(new URL('../../../../runtime/operate/dashboard/page.generated.ts', import.meta.url)), 'utf8');
    expect(made.replaceAll('\r\n', '\n') === pageModule()).toBe(true);
  });

  it('has one script and one style, those of the digests, and nothing inline besides', () => {
    const digest = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const scripts = [...PAGE.matchAll(/<script([^>]*)>(.*?)<\/script>/gs)];
    const styles = [...PAGE.matchAll(/<style([^>]*)>(.*?)<\/style>/gs)];
    expect(scripts.map(([, attributes = '', text = '']) => [attributes, digest(text)])).toEqual([[' type="module"', SCRIPT_DIGEST]]);
    expect(styles.map(([, attributes = '', text = '']) => [attributes, digest(text)])).toEqual([['', STYLE_DIGEST]]);
    const markup = PAGE.replace(/<(script|style)\b.*?<\/\1>/gs, '');
    expect(markup).not.toMatch(/\s(?:on[a-z]+|style)\s*=/i);
  });

  it('names no address but that of the SVG namespace', () => {
    const addresses = [...PAGE.matchAll(/(?:https?:)?\/\/[\w.-]+\.\w+[^\s'"`]*/g)].map(([address]) => address);
    expect([...new Set(addresses)]).toEqual(['http://www.w3.org/2000/svg']);
  });

  it('puts no text into the page as markup', () => {
    expect(PAGE).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
  });

  it('is small enough to be read over a phone', () => {
    expect(PAGE.length).toBeLessThan(120_000);
  });
});
