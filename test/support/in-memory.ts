import type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from 'fuseline';

/** What an in-memory transport does with a request. */
export type Reaction = (handler: TransportHandler, request: TransportRequest, controller: TransportController) => void;

/** A transport without a socket, for what needs many calls or an error that no server can be made to produce. */
export class InMemory implements DispatcherLike {
  readonly signsRequests = false;
  readonly requests: TransportRequest[] = [];
  #reactions: Reaction[];

  /** Reactions are used in order; the last one stays. */
  constructor(...reactions: readonly Reaction[]) {
    this.#reactions = [...reactions];
  }

  react(...reactions: readonly Reaction[]): void {
    this.#reactions = [...reactions];
  }

  /** Value of a request header. */
  header(name: string, at = this.requests.length - 1): string | undefined {
    const headers = this.requests[at]?.headers ?? [];
    const index = headers.findIndex((text, position) => position % 2 === 0 && text === name);
    return index < 0 ? undefined : headers[index + 1];
  }

  dispatch(request: TransportRequest, handler: TransportHandler): boolean {
    this.requests.push(request);
    const reaction = this.#reactions.length > 1 ? this.#reactions.shift() : this.#reactions[0];
    const controller = { abort: (reason: Error): void => handler.onResponseError(controller, reason) };
    reaction?.(handler, request, controller);
    return true;
  }
}

/** Answers at once. */
export function answers(
  status: number,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Reaction {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return (handler, _, controller) => {
    handler.onRequestStart(controller, undefined);
    handler.onResponseStart(controller, status, { ...headers });
    if (bytes.length > 0) handler.onResponseData(controller, bytes);
    handler.onResponseEnd(controller, {});
  };
}

/** Takes the request, or only its connection, and then says nothing. */
export const waits: Reaction = (handler, _, controller) => handler.onRequestStart(controller, undefined);
export const connects: Reaction = () => undefined;

/** Fails after the request was written. */
export function breaks(error: Error): Reaction {
  return (handler, _, controller) => {
    handler.onRequestStart(controller, undefined);
    handler.onResponseError(controller, error);
  };
}

/** Fails before the request was written. */
export function neverConnects(error: Error): Reaction {
  return (handler) => handler.onResponseError(null, error);
}

/** An error such as Node's sockets give. */
export function socketError(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall ?? 'socket'} ${code}`), { code, ...(syscall === undefined ? {} : { syscall }) });
}
