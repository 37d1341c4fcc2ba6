import type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from '../../../runtime/call/transport/types.js';
import { CONNECTION_TROUBLES } from '../scenario/faults.js';
import type { Fault } from '../scenario/types.js';
import { type Behaviour, CONNECT_TIMEOUT_MS } from './behaviour.js';
import { ClockEvent, type VirtualClock } from './virtual-clock.js';

/** Observes every request. */
export interface VendorWatch {
  sent(): void;
  /** `well` is true for a success. */
  ended(well: boolean): void;
}

type Headers = Record<string, string | string[] | undefined>;

const JSON_HEADERS: Headers = { 'content-type': 'application/json' };
const NO_HEADERS: Headers = {};
const BODY = Buffer.from('{}');

const ERRORS = Object.fromEntries(Object.entries(CONNECTION_TROUBLES).map(([fault, { code, about }]) => [fault, coded(code, about)]));

/**
 * The transport of one sender, in place of a network. Answers arrive on the virtual clock, without promises. The first step of a request's
 * path is the number of its operation.
 */
export class Vendor implements DispatcherLike {
  readonly signsRequests = false;

  constructor(
    readonly clock: VirtualClock,
    readonly behaviour: Behaviour,
    readonly watch: VendorWatch,
    readonly sender: number,
  ) {}

  dispatch({ path }: TransportRequest, handler: TransportHandler): boolean {
    const { clock } = this;
    this.watch.sent();
    const { fault, delayMs, retryAfterSeconds } = this.behaviour.reply(Number.parseInt(path.slice(1), 10), this.sender, clock.now());
    const exchange = new Exchange(this, handler, fault, retryAfterSeconds);
    // A request that is not sent sends no event to the client before it fails.
    const ends = typeof fault === 'string' && fault !== 'hang' ? CONNECTION_TROUBLES[fault].ends : 'answer';
    if (ends === 'unsent') clock.plan(exchange, 0);
    else if (ends === 'connecting') clock.plan(exchange, CONNECT_TIMEOUT_MS);
    else {
      if (fault !== 'hang') clock.plan(exchange, delayMs);
      handler.onRequestStart(exchange, undefined);
    }
    return true;
  }
}

/** One request and its answer. */
class Exchange extends ClockEvent implements TransportController {
  #over = false;

  constructor(
    readonly vendor: Vendor,
    readonly handler: TransportHandler,
    readonly fault: Fault | undefined,
    readonly retryAfterSeconds: number | undefined,
  ) {
    super();
  }

  override run(): void {
    if (this.#over) return;
    const { handler, fault } = this;
    if (typeof fault === 'string') {
      this.#fail(ERRORS[fault] as Error);
      return;
    }
    this.#end(fault === undefined);
    if (fault === undefined) {
      handler.onResponseStart(this, 200, JSON_HEADERS);
      handler.onResponseData(this, BODY);
    } else {
      const headers = this.retryAfterSeconds === undefined ? NO_HEADERS : { 'retry-after': String(this.retryAfterSeconds) };
      handler.onResponseStart(this, fault, headers);
    }
    handler.onResponseEnd(this, NO_HEADERS);
  }

  abort(reason: Error): void {
    if (!this.#over) this.#fail(reason);
  }

  #fail(error: Error): void {
    this.#end(false);
    this.handler.onResponseError(this, error);
  }

  #end(well: boolean): void {
    this.#over = true;
    this.vendor.watch.ended(well);
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
