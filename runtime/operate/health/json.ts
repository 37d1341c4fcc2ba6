/** Returns a JSON response. Its length is set, so that HEAD and GET have the same headers. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const bytes = new TextEncoder().encode(`${JSON.stringify(body, null, 2)}\n`);
  const all = { 'content-type': 'application/json; charset=utf-8', 'content-length': String(bytes.byteLength), ...headers };
  return new Response(bytes, { status, headers: all });
}

/** The names of errors, for programs. */
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

/** Returns an error as JSON: `{ "error": "not_found", "message": "..." }`. The message is a fixed sentence for people, and never quotes the request. */
export function problem(error: Problem, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return json(STATUS[error], { error, message }, headers);
}
