import type { CallError } from '../errors/call-errors.js';
import type { HttpError } from '../errors/http-error.js';

/** Where an answer came from: the server, a kept good response, or a fallback. */
export type AnswerSource = 'network' | 'cache' | 'fallback';

/** A call's outcome as a value; `ok` narrows it. */
export type Result<R, E = HttpError> =
  | {
      readonly ok: true;
      readonly data: R;
      readonly source: AnswerSource;
      /** Status of the last answer, also if a fallback replaced it; undefined if no server answered. */
      readonly status: number | undefined;
      /** Attempts made; 0 if the circuit was open. */
      readonly attempts: number;
      /** Age of a kept response, in milliseconds. */
      readonly ageMs: number | undefined;
    }
  | { readonly ok: false; readonly error: E | CallError; readonly attempts: number };

/** An answer with its status, headers and request id. */
export interface WithResponse<R> {
  readonly data: R;
  readonly source: AnswerSource;
  readonly status: number | undefined;
  /** Response headers, lower case; empty if no server answered. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly requestId: string | undefined;
  readonly attempts: number;
  readonly ageMs: number | undefined;
}
