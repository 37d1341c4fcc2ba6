import { AsyncLocalStorage } from 'node:async_hooks';
import { BreakerRegistry, type CallOptions, type ClientOptions, type ServiceClient } from 'fuseline';
import type { DispatcherLike } from '../../../../runtime/call/transport/types.js';
import { getThing, type Service, testClient } from '../../../support/client.js';

/** One way to tell the server on whose behalf a request is sent. */
export interface Way {
  readonly client: (tenant: string, vendor: Vendor) => ClientOptions;
  readonly call?: (tenant: string) => CallOptions;
  /** The client knows the sender: it keeps answers. */
  readonly known: boolean;
  readonly service?: Service;
  /** The tenants' calls go through one client. */
  readonly oneClient?: true;
}

/** The tenant on whose behalf the code runs. */
export const tenant = new AsyncLocalStorage<string>();

/** Answers with what the request and its way say of the sender. */
export class Vendor {
  readonly #down = { value: false };
  readonly #held: (() => void)[] = [];
  holding = false;
  requests = 0;
  /** What the last request and its way said. */
  last = '';

  set down(value: boolean) {
    this.#down.value = value;
  }

  release(): void {
    this.holding = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** A dispatcher that adds `signature` to each request, as one that signs does. Undefined: it adds nothing, and says so. */
  dispatcher(signature?: () => string): DispatcherLike {
    return {
      ...(signature === undefined ? { signsRequests: false } : {}),
      dispatch: (request, handler) => {
        this.requests++;
        const sender = `${request.path} ${request.headers.join(' ')} ${signature?.() ?? ''}`;
        this.last = sender;
        const answer = (): void => {
          const controller = { abort: () => undefined };
          handler.onRequestStart(controller, undefined);
          handler.onResponseStart(controller, this.#down.value ? 503 : 200, { 'content-type': 'application/json' });
          handler.onResponseData(controller, Buffer.from(JSON.stringify({ owner: /tenant-\w+/.exec(sender)?.[0] ?? 'nobody' })));
          handler.onResponseEnd(controller, {});
        };
        if (this.holding) this.#held.push(answer);
        else answer();
        return true;
      },
    };
  }
}

export const instrumented = (headers: () => Record<string, string>): ClientOptions['instrumentation'] => ({
  callStarted: () => ({ attemptStarted: headers, attemptEnded: () => undefined, event: () => undefined, ended: () => undefined }),
});

const apiKey: Service = { security: [{ type: 'apiKey', in: 'header', name: 'X-Key' }] };
const queryKey: Service = { security: [{ type: 'apiKey', in: 'query', name: 'key' }] };

export const WAYS: Readonly<Record<string, Way>> = {
  token: { known: true, client: (name) => ({ token: name }) },
  'token function': { known: true, client: (name) => ({ token: () => name }) },
  'token of the context': { known: true, oneClient: true, client: () => ({ token: () => tenant.getStore() ?? '' }) },
  'key in a header': { known: true, service: apiKey, client: (name) => ({ token: name }) },
  'key in the query': { known: true, service: queryKey, client: (name) => ({ token: name }) },
  credentials: {
    known: true,
    service: { security: [{ type: 'basic' }] },
    client: (name) => ({ credentials: { username: name, password: 'p' }, headers: { 'x-says': name } }),
  },
  'headers of the client': { known: true, client: (name) => ({ headers: { authorization: name } }) },
  'headers of the call': { known: true, oneClient: true, client: () => ({}), call: (name) => ({ headers: { authorization: name } }) },
  'a key as header of the call': {
    known: true,
    oneClient: true,
    service: apiKey,
    client: () => ({}),
    call: (name) => ({ headers: { 'x-key': name } }),
  },
  cookie: { known: true, client: (name) => ({ headers: { cookie: `session=${name}` } }) },
  'a sub-account beside one token': {
    known: true,
    oneClient: true,
    client: () => ({ token: 'agency' }),
    call: (name) => ({ headers: { 'x-account': name } }),
  },
  'a sub-account of the instrumentation beside one token': {
    known: true,
    client: (name) => ({ token: 'agency', instrumentation: instrumented(() => ({ 'x-account': name })) }),
  },
  'a sub-account of the context beside one token': {
    known: true,
    oneClient: true,
    client: () => ({ token: 'agency', instrumentation: instrumented(() => ({ 'x-account': tenant.getStore() ?? '' })) }),
  },
  dispatcher: { known: false, client: (name, vendor) => ({ dispatcher: vendor.dispatcher(() => name) }) },
  'dispatcher beside one token': {
    known: false,
    client: (name, vendor) => ({ token: 'agency', dispatcher: vendor.dispatcher(() => name) }),
  },
  'dispatcher of the context beside one token': {
    known: false,
    oneClient: true,
    client: (_, vendor) => ({ token: 'agency', dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
  },
  'dispatcher of the context': {
    known: false,
    oneClient: true,
    client: (_, vendor) => ({ dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
  },
  instrumentation: { known: false, client: (name) => ({ instrumentation: instrumented(() => ({ authorization: name })) }) },
  'instrumentation of the context': {
    known: false,
    oneClient: true,
    client: () => ({ instrumentation: instrumented(() => ({ authorization: tenant.getStore() ?? '' })) }),
  },
  'patched fetch': { known: false, client: () => ({ dispatcher: undefined, transport: 'fetch' }) },
  'patched fetch beside one token': {
    known: false,
    oneClient: true,
    client: () => ({ token: 'agency', dispatcher: undefined, transport: 'fetch' }),
  },
  'identity of the context, signed by a patched fetch': {
    known: true,
    oneClient: true,
    client: () => ({ token: 'agency', identity: () => tenant.getStore() ?? '', dispatcher: undefined, transport: 'fetch' }),
  },
  'identity of the context, signed by the instrumentation': {
    known: true,
    oneClient: true,
    client: () => ({
      token: 'agency',
      identity: () => tenant.getStore() ?? '',
      instrumentation: instrumented(() => ({ 'x-account': tenant.getStore() ?? '' })),
    }),
  },
  'identity, signed by the dispatcher': {
    known: true,
    client: (name, vendor) => ({ identity: name, dispatcher: vendor.dispatcher(() => name) }),
  },
  'identity of the context': {
    known: true,
    oneClient: true,
    client: (_, vendor) => ({ identity: () => tenant.getStore() ?? '', dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
  },
  'identity of the call': {
    known: true,
    oneClient: true,
    client: (_, vendor) => ({ dispatcher: vendor.dispatcher(() => tenant.getStore() ?? '') }),
    call: (name) => ({ identity: name }),
  },
  'dispatcher, where no credentials are wanted': {
    known: true,
    service: { security: [] },
    client: (name, vendor) => ({ dispatcher: vendor.dispatcher(() => name) }),
  },
  'instrumentation, where no credentials are wanted': {
    known: true,
    service: { security: [] },
    client: (name) => ({ instrumentation: instrumented(() => ({ authorization: name })) }),
  },
};

/** A vendor, and clients that share a registry and a plain transport. */
export class Senders {
  readonly vendor = new Vendor();
  readonly registry = new BreakerRegistry();
  /** The plain transport, which adds nothing: all clients share it. */
  readonly plain = this.vendor.dispatcher();

  client(way: Way, name = '', options: ClientOptions = {}): ServiceClient {
    return testClient(
      {
        baseUrl: 'http://acme.test',
        registry: this.registry,
        dispatcher: this.plain,
        retry: false,
        breaker: { failureThreshold: 1_000 },
        ...options,
        ...way.client(name, this.vendor),
      },
      way.service,
    );
  }

  /** Replaces the global `fetch` by one that signs by the context. */
  patchFetch(): void {
    globalThis.fetch = async () => {
      this.vendor.requests++;
      const down = tenant.getStore() === undefined;
      return down ? Response.json({}, { status: 503 }) : Response.json({ owner: tenant.getStore() });
    };
  }
}

export const ask = (client: ServiceClient, way: Way, name: string): Promise<unknown> =>
  tenant.run(name, () => client.call(getThing, { id: 'same' }, way.call?.(name)));
