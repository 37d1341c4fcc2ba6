import { afterEach, describe, expect, test } from 'vitest';
import { ACME_SPEC, PACKAGE, TestProject } from './project.js';

let project: TestProject;
afterEach(() => project.remove());

const RESILIENCE = `resilience:
  circuit_breaker: { failure_threshold: 4 }
  retry: { max_retries: 1 }
  timeout: { default: 30.0, acme: 20.0 }
`;

const PATHS = { '/orders': { get: { operationId: 'listOrders', tags: ['orders'], responses: { 204: { description: 'None' } } } } };

const start = (files: Record<string, string>): TestProject => {
  project = new TestProject({ 'specs/acme.yaml': ACME_SPEC, 'package.json': PACKAGE, ...files });
  return project;
};

describe('the form with resilience: alone', () => {
  test('generates every documented service, with its timeout', async () => {
    const ran = await start({
      'specs/breakers.yaml': RESILIENCE,
      'specs/shop/orders.json': JSON.stringify({ openapi: '3.1.0', info: { title: 'Shop', version: '1' }, paths: PATHS }),
      'specs/notes.yaml': 'title: no document\n',
      'specs/not a name.yaml': ACME_SPEC,
    }).run('generate --no-msw --no-tests');
    expect(ran.stderr).toMatch(/^✓ acme: AcmeClient, 2 operations from 1 document\n✓ shop: ShopClient, 1 operation from 1 document\n/);
    expect(ran.code).toBe(0);
    const config = project.read('generated/acme/config.ts');
    expect(config).toMatch(/failureThreshold: 4/);
    expect(config).toMatch(/service: \{ timeoutMs: 20_?000 \}/);
    expect(project.read('generated/shop/config.ts')).toMatch(/timeoutMs: 30_?000/);
    expect((await project.run('check --no-msw --no-tests')).code).toBe(0);
  });

  test('explain, validate and --service know its services', async () => {
    start({ 'specs/breakers.yaml': RESILIENCE });
    const { code, stdout } = await project.run('explain acme contacts.get');
    expect(code).toBe(0);
    expect(stdout).toMatch(/timeout_seconds +20 s +service acme +specs\/breakers\.yaml:4/);
    expect((await project.run('validate --service acme')).stderr).toContain('✓ acme: 2 operations');
    const unknown = await project.run('validate --service acmee');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('There is no service "acmee", expected acme');
  });

  test('only those that the other form lists beside it', async () => {
    const both = `${RESILIENCE}circuit_breaker: { services: { shop: { specs: acme.yaml } } }\n`;
    const ran = await start({ 'specs/breakers.yaml': both }).run('generate --no-msw --no-tests');
    expect(ran.stderr).toContain('✓ shop: ShopClient');
    expect(ran.stderr).not.toContain('✓ acme');
    expect(ran.stderr).toContain('warning unknown-timeout');
  });

  test('a timeout of something else is still pointed out, and no document at all is an error', async () => {
    start({ 'specs/breakers.yaml': RESILIENCE.replace('acme:', 'acmee:') });
    expect((await project.run('generate --no-msw --no-tests')).stderr).toContain('Did you mean `acme`?');
    project.remove();
    project = new TestProject({ 'specs/breakers.yaml': RESILIENCE });
    const { code, stderr } = await project.run('generate');
    expect(code).toBe(1);
    expect(stderr).toContain('`ghl.yaml` makes the service `ghl`');
  });

  test('the other form without a list is still an error', async () => {
    const { code, stderr } = await start({ 'specs/breakers.yaml': 'circuit_breaker: { defaults: {} }\n' }).run('generate');
    expect(code).toBe(1);
    expect(stderr).toContain('error no-services');
  });
});
