import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { describe, expect, it } from 'vitest';
import { loadService } from '../../../generator/model/load-service.js';
import { NIGHTLY } from '../../support/nightly.js';
import { operations } from '../service.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = process.env['UPSTREAM_SPECS'] ?? resolve(root, '../shared/upstream-specs');
const present = existsSync(folder);

/** Counts of operations in the vendors' documents; the large sets by night. */
const SETS = [
  { name: 'ghl', path: 'ghl/apps', documents: 41, operations: 576, client: 'GhlClient', faults: true },
  { name: 'ghl', path: 'ghl/apps/v3', documents: 42, operations: 627, client: 'GhlClient', faults: true },
  { name: 'sendgrid', path: 'sendgrid', documents: 46, operations: 391, client: 'SendGridClient', faults: false },
  { name: 'retell', path: 'retell', documents: 1, operations: 86, client: 'RetellClient', faults: false },
].filter(({ operations }) => NIGHTLY || operations < 500);

function filesOf(path: string): string[] {
  const names = readdirSync(join(folder, path)).filter((name) => /\.(json|ya?ml)$/.test(name) && !name.includes('facts'));
  return names.map((name) => join(folder, path, name));
}

describe.skipIf(!present)(
  `the vendors' own documents${present ? '' : ' (skipped: the folder is not here; name it in UPSTREAM_SPECS)'}`,
  () => {
    it.each(SETS)('$path: every operation, self-contained schemas, each repair once', async (set) => {
      const files = filesOf(set.path);
      expect(files).toHaveLength(set.documents);
      const { model, diagnostics } = await loadService({ name: set.name, files, repair: true, names: {}, lock: {}, cwd: root });
      if (model === undefined) throw new Error('expected a model');

      const all = operations(model);
      expect(all).toHaveLength(set.operations);
      expect(new Set(all.map(({ id }) => id)).size).toBe(set.operations);
      expect(new Set(all.map(({ typeName }) => typeName.toLowerCase())).size).toBe(set.operations);
      expect(model.clientName).toBe(set.client);
      expect(model.security).toEqual([{ type: 'bearer', scheme: expect.any(String) }]);

      const places = diagnostics.map(({ code, file, line, column, message }) => `${code} ${file}:${line}:${column} ${message}`);
      expect(new Set(places).size).toBe(places.length);
      expect(diagnostics.every(({ line, frame }) => line !== undefined && frame !== undefined)).toBe(true);
      expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(false);

      const types = astToString(
        await openapiTS(
          { openapi: '3.1.0', info: { title: 'x', version: '1' }, paths: {}, components: { schemas: model.schemas as never } },
          { silent: true },
        ),
      );
      for (const { resultType } of all) if (resultType.kind === 'schema') expect(types).toContain(`        ${resultType.name}: `);
    });

    it.each(SETS.filter(({ faults }) => faults))('$path: faults are errors without repair: true, and the hint names it', async (set) => {
      const { model, diagnostics } = await loadService({
        name: set.name,
        files: filesOf(set.path),
        repair: false,
        names: {},
        lock: {},
        cwd: root,
      });
      expect(model).toBeUndefined();
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors.length).toBeGreaterThan(30);
      expect(errors.filter(({ hint }) => !hint?.includes('`repair: true`'))).toEqual([]);
    });

    if (NIGHTLY) {
      it('finds what a bot calls under the names it expects', async () => {
        const { model } = await loadService({ name: 'ghl', files: filesOf('ghl/apps'), repair: true, names: {}, lock: {}, cwd: root });
        const byKey = new Map(
          (model === undefined ? [] : operations(model)).map((operation) => [`${operation.method} ${operation.path}`, operation]),
        );
        expect(byKey.get('POST /conversations/messages')).toMatchObject({
          id: 'conversations.sendANewMessage',
          constantHeaders: { Version: '2021-04-15' },
        });
        expect(byKey.get('POST /contacts/')).toMatchObject({ id: 'contacts.create', constantHeaders: { Version: '2021-07-28' } });
        expect(byKey.get('POST /oauth/token')?.body?.kind).toBe('urlencoded');
        expect(model?.schemas['SearchBodyV2DTO']).toMatchObject({ additionalProperties: true });
      });
    }
  },
);
