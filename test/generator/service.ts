import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type LoadedService, type LoadServiceInput, loadService } from '../../generator/model/load-service.js';
import type { OperationModel, ServiceModel } from '../../generator/model/types.js';

/** Documents by file name; data is written as JSON, text as it stands. */
export type Files = Readonly<Record<string, unknown>>;

export type Options = Partial<Omit<LoadServiceInput, 'cwd'>>;

/** Loads documents from a temporary folder. `files` of the options default to all that are given. */
export async function load(files: Files, options: Options = {}): Promise<LoadedService> {
  const cwd = mkdtempSync(join(tmpdir(), 'fuseline-model-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    }
    return await loadService({ name: 'shop', files: Object.keys(files), repair: false, names: {}, lock: {}, cwd, ...options });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** The model of documents without faults. */
export async function model(files: Files, options: Options = {}): Promise<ServiceModel> {
  const loaded = await load(files, options);
  if (loaded.model === undefined) throw new Error(findings(loaded).join('\n'));
  return loaded.model;
}

/** A small document: given paths and components, everything else as usual. */
export function openapi(paths: unknown, rest: Record<string, unknown> = {}): Record<string, unknown> {
  return { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, servers: [{ url: 'https://api.shop.example' }], ...rest, paths };
}

/** One operation under `GET /items/{id}`, with a JSON answer unless it has responses of its own. */
export function one(operation: Record<string, unknown>, rest: Record<string, unknown> = {}): Record<string, unknown> {
  return openapi(
    { '/items': { post: { operationId: 'createItem', tags: ['items'], responses: { 204: { description: '' } }, ...operation } } },
    rest,
  );
}

/** The operations of a model in order of their namespaces. */
export function operations(service: ServiceModel): OperationModel[] {
  return service.namespaces.flatMap((namespace) => [...namespace.operations]);
}

/** The only operation of a model. */
export function only(service: ServiceModel): OperationModel {
  const [first, second] = operations(service);
  if (first === undefined || second !== undefined) throw new Error('expected one operation');
  return first;
}

/** `error dangling-ref api.json:4:12` for every finding. */
export function findings({ diagnostics }: Pick<LoadedService, 'diagnostics'>): string[] {
  return diagnostics.map(
    ({ severity, code, file, line, column }) =>
      `${severity} ${code} ${[file, line, column].filter((part) => part !== undefined).join(':')}`,
  );
}

/** `error dangling-ref` for every finding. */
export function codes({ diagnostics }: Pick<LoadedService, 'diagnostics'>): string[] {
  return diagnostics.map(({ severity, code }) => `${severity} ${code}`);
}
