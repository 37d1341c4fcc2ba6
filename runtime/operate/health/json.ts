/** A JSON response. Its length is known, so that a HEAD says the same as a GET. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const bytes = new TextEncoder().encode(`${JSON.stringify(body, null, 2)}\n`);
  const all = { 'content-type': 'application/json; charset=utf-8', 'content-length': String(bytes.byteLength), ...headers };
  return new Response(bytes, { status, headers: all });
}

/** What an error says: a name for programs, a sentence for people. */
export type Problem =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'content_too_large'
  | 'internal_error';

const STATUS: { readonly [P in Problem]: number } = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  content_too_large: 413,
  internal_error: 500,
};

/** An error as JSON: `{ "error": "not_found", "message": "..." }`. The message is a fixed sentence and never quotes the request. */
export function problem(error: Problem, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return json(STATUS[error], { error, message }, headers);
}
