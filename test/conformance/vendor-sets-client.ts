import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HttpHandler } from 'msw';
import type { Operation as Descriptor } from '../../runtime/index.js';
import { asObject } from './json.js';
import { type Operation, operationsOf, Resolver, readDocument } from './openapi.js';
import { VendorSchemas } from './vendor-sets-schemas.js';

/** Mocks of one operation, as far as they are used here. */
export interface Mock {
  (): HttpHandler;
  readonly example: unknown;
  error(status: number): HttpHandler;
}

/** A generated client, imported. */
export interface GeneratedClient {
  readonly operations: Readonly<Record<string, Descriptor>>;
  readonly mocks: Readonly<Record<string, Mock>>;
  readonly Client: new (options: object) => object;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** `GET /contacts/{contactId}` of every operation that the documents have, repetitions included. */
export function operationKeys(files: readonly string[]): string[] {
  return files.flatMap((file) =>
    Object.entries(asObject(readDocument(file).root['paths'])).flatMap(([path, item]) =>
      Object.keys(asObject(item)).flatMap((key) => (METHODS.includes(key) ? [`${key.toUpperCase()} ${path}`] : [])),
    ),
  );
}

/** Imports what was generated into a folder for a service. */
export async function importClient(folder: string, client: string, service: string): Promise<GeneratedClient> {
  const load = (file: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(folder, file)).href);
  const [index, operations, msw] = await Promise.all([load('index.ts'), load('operations.ts'), load('msw.ts')]);
  const prefix = service.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const mocksAt = msw[`${prefix}MocksAt`] as (baseUrl: string) => GeneratedClient['mocks'];
  return {
    operations: operations as GeneratedClient['operations'],
    mocks: mocksAt(MOCKED),
    Client: index[client] as GeneratedClient['Client'],
  };
}

/** Where mocks stand. */
const MOCKED = 'https://mocked.test';

/** Answers of mocks that the vendors' schemas do not allow, and how many were compared. */
export interface AnswerCheck {
  readonly wrong: readonly string[];
  readonly compared: number;
}

/** Asks the mocks of all operations for every answer that their documents declare, and compares it with the vendor's own schema. */
export async function checkAnswers(client: GeneratedClient, files: readonly string[]): Promise<AnswerCheck> {
  const resolver = new Resolver();
  const schemas = new VendorSchemas(resolver);
  const vendor = new Map(files.flatMap((file) => operationsOf(readDocument(file), resolver)).map((found) => [keyOf(found), found]));
  const wrong: string[] = [];
  let compared = 0;
  for (const [constant, { method, path, id }] of Object.entries(client.operations)) {
    const operation = vendor.get(`${method} ${path}`);
    const mock = client.mocks[constant];
    if (operation === undefined || mock === undefined) {
      wrong.push(`${id}: no such operation`);
      continue;
    }
    for (const [handler, wanted] of [[mock(), undefined] as const, ...failures(operation).map((at) => [mock.error(at), at] as const)]) {
      const request = new Request(MOCKED + path.replace(/\{[^}]+\}/g, 'x'), { method });
      const { response } = (await handler.run({ request, requestId: 'x' })) ?? {};
      const problems = response === undefined ? ['is not answered'] : await problemsOf(response, operation, schemas);
      if (response !== undefined && wanted !== undefined && response.status !== wanted) problems.push(`answered ${response.status}`);
      wrong.push(...problems.map((problem) => `${id} ${wanted ?? response?.status}: ${problem}`));
      compared += 1;
    }
  }
  return { wrong, compared };
}

function keyOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

/** Statuses of declared errors that have a body. */
function failures({ responses }: Operation): number[] {
  return [...responses].flatMap(([status, content]) =>
    /^[45]\d\d$/.test(status) && content?.get('application/json') ? [Number(status)] : [],
  );
}

async function problemsOf(response: Response, { responses }: Operation, schemas: VendorSchemas): Promise<string[]> {
  const status = String(response.status);
  const content = responses.get(status) ?? responses.get(`${status.charAt(0)}XX`) ?? responses.get('default');
  const type = response.headers.get('content-type') ?? '';
  const schema = content?.get(type.split(';')[0] ?? '');
  const body = await response.text();
  if (schema === undefined) {
    const declared = [...(content ?? [])].filter(([, declaredSchema]) => declaredSchema !== undefined).map(([name]) => name);
    return declared.length === 0 || status === '204' ? [] : [`is ${type || 'nothing'}, expected ${declared.join(' or ')}`];
  }
  return schemas.errors(schema, /json/.test(type) ? JSON.parse(body) : body);
}
