import { JSON_CONTENT_TYPE, JSON_TYPE } from '../../model/kinds.js';
import type { ServiceNames } from '../names.js';

/** Returns the types of `msw.ts` that are the same for every service except for its names. */
export function mswTypes({ typePrefix }: ServiceNames): string {
  return `/** The request that a mock's function answers. */
export interface ${typePrefix}MockInfo {
  readonly request: Request;
  /** Values of path parameters. */
  readonly params: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Makes handlers for one operation. A call returns a handler that answers with the given result, or with the example. */
export interface ${typePrefix}Mock<R> {
  (response?: R | ((info: ${typePrefix}MockInfo) => R | Response | Promise<R | Response>)): HttpHandler;
  /** The default result. */
  readonly example: R;
  /** Answers with an error status. Default body: the example of that status. */
  error(status: number, body?: unknown, headers?: Readonly<Record<string, string>>): HttpHandler;
  /** Fails the connection. */
  networkError(): HttpHandler;
  /** Never answers. */
  hang(): HttpHandler;
}`;
}

export function mswFunctions({ typePrefix }: ServiceNames): string {
  return `interface ${typePrefix}Answer<R> {
  readonly status: number;
  readonly example: R;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Examples of error bodies by status. */
  readonly errors?: Readonly<Record<number, unknown>>;
}

function mock<R>(method: string, url: string, answer: ${typePrefix}Answer<R>): ${typePrefix}Mock<R> {
  const respond = (result: R | Response): Response =>
    result instanceof Response ? result : reply(answer.status, result, answer.contentType, answer.headers);
  const success: (...given: Parameters<${typePrefix}Mock<R>>) => HttpHandler = (...given) => {
    const response = given.length === 0 ? answer.example : given[0];
    return new HttpHandler(method, url, async ({ request, params }) =>
      respond(isResolver<R>(response) ? await response({ request, params }) : (response as R)),
    );
  };
  return Object.assign(success, {
    example: answer.example,
    error: (status: number, body: unknown = answer.errors?.[status], headers?: Readonly<Record<string, string>>) =>
      new HttpHandler(method, url, () => reply(status, body, undefined, headers)),
    networkError: () => new HttpHandler(method, url, () => HttpResponse.error()),
    hang: () => new HttpHandler(method, url, () => new Promise<never>(() => undefined)),
  });
}

function isResolver<R>(response: unknown): response is (info: ${typePrefix}MockInfo) => R | Response | Promise<R | Response> {
  return typeof response === 'function';
}

function reply(status: number, body: unknown, contentType: string | undefined, headers?: Readonly<Record<string, string>>): Response {
  if (body === undefined || [204, 205, 304].includes(status)) return new HttpResponse(null, { status, headers: { ...headers } });
  const type = contentType ?? '${JSON_CONTENT_TYPE}';
  const init = { status, headers: { 'content-type': type, ...headers } };
  if (body instanceof Uint8Array) return HttpResponse.arrayBuffer(body.slice().buffer, init);
  return new HttpResponse(typeof body === 'string' && !${JSON_TYPE}.test(type) ? body : JSON.stringify(body), init);
}`;
}
