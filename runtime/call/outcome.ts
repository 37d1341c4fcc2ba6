import type { CallError } from '../errors/call-errors.js';
import type { HttpError } from '../errors/http-error.js';

/** The source of the data: the server (`network`), the last good response (`cache`), or another fallback (`fallback`). */
export type AnswerSource = 'network' | 'cache' | 'fallback';

/** The outcome of a call as a value. `ok` narrows the type. */
export type Result<R, E = HttpError> =
  | {
      readonly ok: true;
      readonly data: R;
      readonly source: AnswerSource;
      /** Status of the last response, even if a fallback replaced it. Undefined if no response was received. */
      readonly status: number | undefined;
      /** Attempts made. 0 if the circuit was open. */
      readonly attempts: number;
      /** Age of a last good response, in milliseconds. Undefined for other sources. */
      readonly ageMs: number | undefined;
    }
  | { readonly ok: false; readonly error: E | CallError; readonly attempts: number };

/** The data of a call with status, headers and request id. */
export interface WithResponse<R> {
  readonly data: R;
  readonly source: AnswerSource;
  readonly status: number | undefined;
  /** Response headers, names in lower case. Empty if no response was received. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly requestId: string | undefined;
  readonly attempts: number;
  readonly ageMs: number | undefined;
}
