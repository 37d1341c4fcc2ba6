import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCENARIO_SCHEMA } from '../../../../generator/simulator/scenario/schema.js';
import { schemaText } from '../../../../runtime/config/schema.js';
import { expectation } from '../../../../runtime/config/schema-kinds.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const published = '../../../../generator/simulator/scenario/scenario.schema.json';
const examples = readdirSync(path('../../../../examples/scenarios')).filter((name) => name.endsWith('.yaml'));

describe('scenario.schema.json', () => {
  it('is the schema that the loader uses (after a change: vitest run -u)', async () => {
    await expect(schemaText(SCENARIO_SCHEMA)).toMatchFileSnapshot(path(published));
    expect(JSON.parse(schemaText(SCENARIO_SCHEMA))).toEqual(SCENARIO_SCHEMA);
  });

  it.each(examples)('accepts %s by itself', (name) => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(path(published), 'utf8')) as object);
    expect(validate(parse(readFileSync(path(`../../../../examples/scenarios/${name}`), 'utf8'), { merge: true })) || validate.errors).toBe(
      true,
    );
  });

  it('describes every key and says what it expects', () => {
    const missing: string[] = [];
    const visit = (at: string, schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null || '$ref' in schema) return;
      const { properties = {}, description } = schema as { properties?: Record<string, unknown>; description?: string };
      if (description === undefined || (!at.startsWith('x-') && expectation(schema) === undefined)) missing.push(at);
      for (const [key, child] of Object.entries(properties)) visit(`${at}.${key}`, child);
    };
    visit('', SCENARIO_SCHEMA);
    for (const [name, schema] of Object.entries(SCENARIO_SCHEMA['definitions'] as object)) visit(name, schema);
    expect(missing).toEqual([]);
  });
});
