/** One way to call a service: one of our clients, or a vendor's own SDK. */
export interface Candidate {
  readonly name: string;
  /** False where the library has no such option: it is then measured as it comes. */
  readonly takesTimeout: boolean;
  readonly takesSignal: boolean;
  /** Reads something by GET. A fresh client each time: what one fault did to a circuit must not change the next. */
  read(call: CallSetup): Promise<unknown>;
  /** Creates something by POST. */
  create(call: CallSetup): Promise<unknown>;
}

/** How a call is made. */
export interface CallSetup {
  /** The loopback server, which stands in for the vendor. */
  readonly origin: string;
  /** Limit of one attempt, in milliseconds; undefined leaves the library's default. */
  readonly timeoutMs: number | undefined;
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
}
