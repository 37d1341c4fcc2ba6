import type { IncomingMessage, ServerResponse } from 'node:http';

/** The origin of all requests. Only the path matters, and the client controls the `Host` header. */
const ORIGIN = 'http://localhost';

/** Returns the URL of a request, below the mount of a framework. Undefined if there is none, as for `OPTIONS *`. */
function urlOf({ url = '' }: IncomingMessage): URL | undefined {
  // A client can send the absolute form, as to a proxy (RFC 9112, section 3.2.2). `//host/path` is a path, and must not be read as a host.
  const path = url.startsWith('/') ? url : (/^https?:\/\/[^/?#]*([/?#].*)?$/i.exec(url)?.[1] ?? '');
  return path.startsWith('/') && URL.canParse(ORIGIN + path) ? new URL(ORIGIN + path) : undefined;
}

/** Returns the path of a request, still encoded, with its dot segments resolved. */
export function pathOf(request: IncomingMessage): string | undefined {
  return urlOf(request)?.pathname;
}

/**
 * Converts a request to a `Request` of `fetch`. Its signal aborts if the client disconnects before the end of the response.
 *
 * @throws {TypeError} if `fetch` does not support the request, such as CONNECT and TRACE.
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

/** Returns all headers. Node's own `headers` would drop the second of two `Authorization` headers. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Pseudo-headers of HTTP/2, such as `:path`, are left out.
    if (!name.startsWith(':')) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** Returns the body as a stream, or the result of a parser that has read it before. */
function bodyOf(
  request: IncomingMessage & { readonly body?: unknown },
): ReadableStream<Uint8Array> | string | Uint8Array<ArrayBuffer> | null {
  if (!request.readableDidRead) return stream(request);
  const { body } = request;
  if (body === undefined || body === null) return null;
  return typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}

/** Returns a stream that reads on demand. Cancelling discards the rest. It does not destroy the request, because the response needs its connection. */
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
