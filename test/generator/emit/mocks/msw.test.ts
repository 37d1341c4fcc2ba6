import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { HttpHandler } from 'msw';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emitService } from '../../../../generator/emit/index.js';
import type { ResponseModel, ServiceModel } from '../../../../generator/model/types.js';
import { BreakerRegistry, HttpError, NetworkError, type ServiceClient } from '../../../../runtime/index.js';
import { FakeClock, mockTransport } from '../../../../runtime/testing/index.js';
import { acme, acmePolicies, json, operation } from '../fixture.js';

// Within the project, where the generated code finds msw and fuseline.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

interface Mock {
  (response?: unknown): HttpHandler;
  readonly example: unknown;
  error(status: number, body?: unknown, headers?: Record<string, string>): HttpHandler;
  networkError(): HttpHandler;
  hang(): HttpHandler;
}

type Call = (params?: unknown, options?: object) => Promise<unknown>;
type Namespace = 'contacts' | 'files' | 'exports';
type Client = ServiceClient & Record<Namespace, Record<string, Call>>;

const TEXTS = ['text/csv', 'application/x-ndjson', 'application/jsonl', 'application/xml'];
const JSONS = ['application/json', 'application/problem+json', 'text/json'];

const answerOf = (contentType: string, kind: 'text' | 'json'): ResponseModel =>
  kind === 'json'
    ? { ...json(200, 'Note'), contentType }
    : { ...json(200, ''), kind, contentType, schema: undefined, type: { kind: 'builtin', text: 'string' } };

/** The fixture, and operations that answer with text and with JSON that is a string, in several media types. */
const service: ServiceModel = {
  ...acme,
  schemas: { ...acme.schemas, Note: { type: 'string', example: 'a "note"' } },
  namespaces: [
    ...acme.namespaces,
    {
      name: 'exports',
      className: 'ExportsApi',
      description: undefined,
      operations: [...TEXTS, ...JSONS].map((contentType, at) => {
        const response = answerOf(contentType, TEXTS.includes(contentType) ? 'text' : 'json');
        return operation(`exports.as${at}`, 'GET', `/exports/${at}`, { responses: [response], resultType: response.type });
      }),
    },
  ],
};

let folder: string;
let mocks: Record<string, Mock>;
let mocksAt: (baseUrl?: string) => Record<string, Mock>;
let handlers: (baseUrl?: string) => HttpHandler[];
let AcmeClient: new (options: object) => Client;

beforeAll(async () => {
  folder = await mkdtemp(join(root, '.generate-tmp-test-'));
  const { files } = await emitService(service, acmePolicies, { tests: false });
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const load = (file: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(folder, file)).href);
  const msw = await load('msw.ts');
  mocks = msw['acmeMocks'] as typeof mocks;
  mocksAt = msw['acmeMocksAt'] as typeof mocksAt;
  handlers = msw['acmeHandlers'] as typeof handlers;
  AcmeClient = (await load('index.ts'))['AcmeClient'] as typeof AcmeClient;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function setup(...given: HttpHandler[]): { client: Client; server: ReturnType<typeof mockTransport> } {
  const clock = new FakeClock();
  const server = mockTransport(...given);
  const options = { token: 'test', dispatcher: server, clock, registry: new BreakerRegistry({ clock }), env: {}, retry: false };
  return { client: new AcmeClient(options), server };
}

/** A method that a test calls with params of its own. */
function method(client: Client, namespace: Namespace, name: string): Call {
  const api = client[namespace];
  return (params, options) => {
    const call = api[name];
    if (call === undefined) throw new Error(`no ${name}`);
    return call.call(api, params, options);
  };
}

const noFallback = { fallback: false };

describe('generated mocks', () => {
  test('answer with the example', async () => {
    const { client } = setup(...handlers());
    expect(await method(client, 'contacts', 'get')({ contactId: 'con_1' })).toEqual(mocks['contactsGet']?.example);
    expect(await method(client, 'contacts', 'delete')({ contactId: 'con_1' })).toBeUndefined();
    expect(await method(client, 'files', 'download')({ fileId: 'f', ext: 'pdf' })).toEqual(new Uint8Array([102, 117, 115, 101]));
    expect(await method(client, 'files', 'ping')()).toBeUndefined();
  });

  test.each([...TEXTS, ...JSONS].map((type, at) => [type, at] as const))('%s answers with the example as it is', async (type, at) => {
    const { client } = setup(...handlers());
    const { example } = mocks[`exportsAs${at}`] as Mock;
    expect(example).toBe(TEXTS.includes(type) ? 'example' : 'a "note"');
    expect(await method(client, 'exports', `as${at}`)()).toBe(example);
  });

  test('answer with a result, a response, or what a function makes of the request', async () => {
    const given = { contact: null };
    const get = mocks['contactsGet'] as Mock;
    expect(await method(setup(get(given)).client, 'contacts', 'get')({ contactId: 'x' })).toEqual(given);
    const seen: unknown[] = [];
    const answer = ({ request, params }: { request: Request; params: { contactId: string } }): unknown => {
      seen.push(request.method, new URL(request.url).search, params.contactId);
      return Promise.resolve(given);
    };
    expect(await method(setup(get(answer)).client, 'contacts', 'get')({ contactId: 'a/b', fields: ['x', 'y'] })).toEqual(given);
    expect(seen).toEqual(['GET', '?fields=x,y', 'a/b']);
    const respond = (): Response => Response.json({ message: 'no' }, { status: 404 });
    await expect(method(setup(get(respond)).client, 'contacts', 'get')({ contactId: 'x' })).rejects.toMatchObject({ status: 404 });
  });

  test('fail with a status and its example body, or one of the test', async () => {
    const get = mocks['contactsGet'] as Mock;
    const failure = async (handler: HttpHandler): Promise<HttpError> => {
      const call = method(setup(handler).client, 'contacts', 'get')({ contactId: 'x' }, noFallback);
      const error = await call.catch((thrown: unknown) => thrown);
      if (!(error instanceof HttpError)) throw new Error('expected an HttpError', { cause: error });
      return error;
    };
    const example = await failure(get.error(404));
    expect([example.status, example.body]).toEqual([404, { message: expect.any(String), code: expect.any(Number) }]);
    const own = await failure(get.error(503, { message: 'mine' }, { 'retry-after': '7' }));
    expect([own.status, own.body, own.headers['retry-after']]).toEqual([503, { message: 'mine' }, '7']);
    expect((await failure(get.error(418))).body).toBeUndefined();
  });

  test('break the connection, or never answer', async () => {
    const get = mocks['contactsGet'] as Mock;
    const broken = method(setup(get.networkError()).client, 'contacts', 'get')({ contactId: 'x' }, noFallback);
    await expect(broken).rejects.toBeInstanceOf(NetworkError);
    const { client, server } = setup(get.hang());
    const aborter = new AbortController();
    const pending = method(client, 'contacts', 'get')({ contactId: 'x' }, { ...noFallback, signal: aborter.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    aborter.abort();
    await expect(pending).rejects.toThrow();
    expect(server.requests[0]?.aborted).toBe(true);
  });

  test('of all operations: the more exact path answers', async () => {
    const { client, server } = setup(...handlers());
    await method(client, 'contacts', 'list')({});
    await method(client, 'contacts', 'search')({ body: { query: 'x' } });
    expect(server.requests.map(({ url }) => url)).toEqual([
      'https://api.acme.example/v1/contacts/',
      'https://api.acme.example/v1/contacts/search',
    ]);
  });

  test('stand where the document says, or where they are told', async () => {
    const upload = { body: { file: new Uint8Array([1]) } };
    const { client, server } = setup(...handlers());
    const { headers } = await (
      method(client, 'files', 'upload')(upload) as unknown as { withResponse(): Promise<{ headers: object }> }
    ).withResponse();
    expect(headers).toMatchObject({ 'x-message-id': 'message-id-1' });
    expect(server.requests[0]?.url).toBe('https://upload.acme.example/files:upload');
    const other = mocksAt('http://127.0.0.1:4010/')['filesUpload'] as Mock;
    const moved = setup(other());
    await method(moved.client.withOptions({ baseUrl: 'http://127.0.0.1:4010' }), 'files', 'upload')(upload);
    expect(moved.server.requests[0]?.url).toBe('http://127.0.0.1:4010/files:upload');
  });
});
