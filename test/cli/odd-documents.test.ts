import { pathToFileURL } from 'node:url';
import { BreakerRegistry, type Clock } from 'fuseline';
import { FakeClock, mockTransport } from 'fuseline/testing';
import { afterEach, expect, test } from 'vitest';
import { PACKAGE, TestProject } from '../generator/cli/project.js';
import { typeErrors } from '../generator/emit/compile.js';

let project: TestProject;
afterEach(() => project.remove());

/** Generates the clients of documents and checks that they compile. */
async function generated(services: string, documents: Record<string, string>): Promise<Record<string, string>> {
  const files = Object.entries(documents).map(([name, text]) => [`specs/${name}`, text] as const);
  project = new TestProject({
    'package.json': PACKAGE,
    'specs/breakers.yaml': `circuit_breaker:\n  services:\n${services}`,
    ...Object.fromEntries(files),
  });
  const ran = await project.run('generate');
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: '' });
  const found = project.snapshot('generated');
  expect(typeErrors(new Map(Object.entries(found)))).toEqual([]);
  return found;
}

const load = (file: string): Promise<Record<string, unknown>> => import(/* @vite-ignore */ pathToFileURL(`${project.folder}/${file}`).href);

test('words of the language name namespaces, methods, services and parameters', async () => {
  const paths = ['class', 'default', 'delete', 'import', 'constructor', 'await'].map(
    (word) =>
      `  /${word}/{${word}}:\n    get:\n      tags: [${word}]\n      operationId: ${word}\n      parameters: [{ name: ${word}, in: path, required: true, schema: { type: string } }]\n      responses: { 204: { description: done } }\n`,
  );
  const document = `openapi: 3.0.3\ninfo: { title: Words, version: '1' }\nservers: [{ url: https://words.example }]\npaths:\n${paths.join('')}`;
  const files = await generated('    default: {}\n', { 'default.yaml': document });
  expect(files['generated/default/client.ts']).toContain('readonly class: ClassApi;');
  expect(files['generated/default/client.ts']).toContain('const defaultClient = new DefaultClient(');
  expect(Object.keys(await load('generated/default/index.ts'))).toContain('ClassApi');
});

test('names of any script, in paths that HTTP allows', async () => {
  const document = `openapi: 3.1.0
info: { title: Магазин, version: '1' }
servers: [{ url: https://shop.example }]
paths:
  /用户/{größe}:
    get:
      tags: [用户]
      operationId: 获取用户
      parameters: [{ name: größe, in: path, required: true, schema: { type: string } }]
      responses: { 200: { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Пользователь' } } } } }
  /maße:
    get: { tags: [Größen & Maße], operationId: maße holen, responses: { 204: { description: ok } } }
components:
  schemas:
    Пользователь: { type: object, required: [имя], properties: { имя: { type: string } } }
`;
  const files = await generated('    shop:\n      operations: { 用户.获取用户: { fallback: { value: { имя: никто } } } }\n', {
    'shop.yaml': document,
  });
  expect(JSON.parse(files['generated/shop/names.lock.json'] ?? '')).toEqual({
    'GET /maße': 'grossenMasse.holen',
    'GET /用户/{größe}': '用户.获取用户',
  });
  // The lock keeps the names, and writes nothing anew.
  expect((await project.run('check')).code).toBe(0);

  const { ShopClient } = (await load('generated/shop/index.ts')) as { ShopClient: new (options: object) => Shop };
  const { shopMocks } = (await load('generated/shop/msw.ts')) as { shopMocks: Record<string, () => Parameters<typeof mockTransport>[0]> };
  const clock: Clock = new FakeClock();
  const server = mockTransport(shopMocks['用户获取用户']?.() as Parameters<typeof mockTransport>[0]);
  const client = new ShopClient({ dispatcher: server, clock, registry: new BreakerRegistry({ clock }), env: {} });
  expect(await client.用户.获取用户({ größe: 'ж/1' })).toEqual({ имя: expect.any(String) });
  expect(server.requests[0]?.url).toBe('https://shop.example/%E7%94%A8%E6%88%B7/%D0%B6%2F1');
});

interface Shop {
  readonly 用户: { readonly 获取用户: (params: { readonly größe: string }) => Promise<unknown> };
}

test('answers of any type, and objects whose other properties have a type of their own', async () => {
  const document = `openapi: 3.1.0
info: { title: Odd, version: '1' }
servers: [{ url: https://odd.example }]
paths:
  /any: { get: { tags: [a], operationId: any, responses: { 200: { description: ok, content: { '*/*': { schema: { type: boolean } } } } } } }
  /made:
    post:
      tags: [a]
      operationId: make
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } }
      responses: { 200: { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Made' } } } } }
components:
  schemas:
    Made: { type: object, required: [n], properties: { n: { type: integer }, o: { type: boolean } }, additionalProperties: { type: string } }
`;
  const files = await generated('    odd: {}\n', { 'odd.yaml': document });
  expect(files['generated/odd/types.ts']).toContain(
    'export interface Made {\n  n: number;\n  o?: boolean;\n  [key: string]: string | number | boolean | undefined;\n}',
  );
  expect(files['generated/odd/msw.ts']).not.toContain("*/*'");
});
