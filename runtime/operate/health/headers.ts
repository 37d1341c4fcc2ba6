/** The headers of every response, unless its route sets others. None allows another origin to read a response. */
const SECURITY: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Headers that keep proxies from buffering a stream: the first is for compressing middleware, the second for nginx. */
const STREAM: Readonly<Record<string, string>> = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };

/** Returns the response with the headers that it lacks, and without its body if `bodyless` is true. */
export async function secured(response: Response, bodyless: boolean): Promise<Response> {
  const headers = new Headers(response.headers);
  const stream = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
  for (const [name, value] of Object.entries(stream ? { ...SECURITY, ...STREAM } : SECURITY)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  const { status, statusText } = response;
  if (bodyless) await response.body?.cancel();
  return new Response(bodyless ? null : response.body, { status, statusText, headers });
}
