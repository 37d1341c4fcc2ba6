import type { IncomingMessage, ServerResponse } from 'node:http';

/** Routes are asked for paths alone. A `Host` header is whatever the client says, and decides nothing here. */
const ORIGIN = 'http://localhost';

/** The URL of a request, below where a framework has mounted its middleware. Undefined where it is none, such as that of `OPTIONS *`. */
function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  // To a proxy, a client may send the absolute form (RFC 9112, section 3.2.2). `//host/path` is a path, and must not be taken for a host.
  const path = url.startsWith('/') ? url : (/^https?:\/\/[^/?#]*([/?#].*)?$/i.exec(url)?.[1] ?? '');
  return path.startsWith('/') && URL.canParse(ORIGIN + path) ? new URL(ORIGIN + path) : undefined;
}

/** The path of a request, still encoded, its dot segments resolved. */
export function pathOf(request: IncomingMessage): string | undefined {
  return urlOf(request)?.pathname;
}

/**
 * The request as `fetch` has it. Its signal is aborted when the client goes away before the response is out.
 *
 * @throws {TypeError} where it cannot be one: `fetch` knows no CONNECT and no TRACE.
 */
export function toRequest(request: IncomingMessage, response: ServerResponse): Request {
  const url = urlOf(request);
  if (url === undefined) throw new TypeError('not a path');
  const aborter = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) aborter.abort();
  });
  const { method = 'GET' } = request;
  const base = { method, headers: headersOf(request), signal: aborter.signal };
  if (method === 'GET' || method === 'HEAD') return new Request(url, base);
  return new Request(url, { ...base, body: bodyOf(request), duplex: 'half' });
}

/** All of them, as they came: of two `Authorization` headers Node's own `headers` would show the first and hide the second. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Those of HTTP/2 itself, such as `:path`.
    if (!name.startsWith(':')) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** The body as it comes, or what a parser before us has made of it. */
function bodyOf(
  request: IncomingMessage & { readonly body?: unknown },
): ReadableStream<Uint8Array> | string | Uint8Array<ArrayBuffer> | null {
  if (!request.readableDidRead) return stream(request);
  const { body } = request;
  if (body === undefined || body === null) return null;
  return typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

/** Read on demand. Giving up lets the rest run out, for to destroy a request is to destroy the connection that its response goes out on. */
function stream(request: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        chunks ??= request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks?.return?.();
        request.resume();
      },
    },
    { highWaterMark: 0 },
  );
}
