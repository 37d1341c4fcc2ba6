/** On every response, unless its route sets another. Nothing here allows another origin to read anything. */
const SECURITY: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** What keeps proxies from collecting a stream before they pass it on: nginx by the second header, compressing middleware by the first. */
const STREAM: Readonly<Record<string, string>> = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };

/** The response with the headers that it lacks, and without its body where only the headers were asked for. */
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
