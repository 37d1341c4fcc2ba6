import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkSpec, specFile } from './check.js';
import { operationsOf, Resolver, readDocument } from './openapi.js';
import { type Service, services, upstreamFolder } from './upstream.js';

const folder = upstreamFolder();
const atLeast: Record<Service, number> = { ghl: 90, sendgrid: 45, retell: 55 };

describe('our specs', () => {
  it.each(services)('%s has its operations', (service) => {
    expect(existsSync(specFile(service))).toBe(true);
    const operations = operationsOf(readDocument(specFile(service)), new Resolver());
    expect(operations.length).toBeGreaterThanOrEqual(atLeast[service]);
  });
});

const title = "our specs agree with the vendors' documents";
describe.skipIf(folder === undefined)(folder === undefined ? `${title} (skipped: no UPSTREAM_SPECS folder)` : title, () => {
  it.each(services)('%s', (service) => {
    const { unlisted, stale } = checkSpec(service, folder ?? '').differences;
    const lines = unlisted.map(({ operation, at, found, expected }) => `${operation}, ${at}: ${found} -> ${expected}`);
    expect(lines, `npx tsx test/conformance/report.ts ${service}`).toEqual([]);
    expect(stale, 'entries of differences.yaml that match nothing').toEqual([]);
  });
});
