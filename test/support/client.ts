import {
  BreakerRegistry,
  type ClientOptions,
  type Operation,
  type SecurityDescriptor,
  ServiceClient,
  type ServicePolicies,
} from 'fuseline';

/** An operation by hand: a GET of JSON unless said otherwise. */
export function operation(given: Partial<Operation> & { readonly id?: string } = {}): Operation {
  const id = given.id ?? 'things.get';
  const [namespace = '', name = ''] = id.split('.');
  return {
    id,
    service: 'acme',
    namespace,
    name,
    method: 'GET',
    path: '/things',
    responses: [{ status: 200, kind: 'json', success: true }],
    ...given,
  };
}

export const getThing = operation({ path: '/things/{id}', params: [{ key: 'id', in: 'path', required: true }] });

/** A POST that is not idempotent. */
export const createThing = operation({
  id: 'things.create',
  method: 'POST',
  body: { kind: 'json', contentType: 'application/json' },
  responses: [{ status: 200, kind: 'json', success: true }],
});

export const listThings = operation({ id: 'things.list', params: [{ key: 'limit', in: 'query' }] });

/** What a test's service is. */
export interface Service {
  readonly baseUrl?: string;
  readonly security?: readonly SecurityDescriptor[];
  readonly policies?: ServicePolicies;
  readonly load?: (file: string) => Promise<unknown>;
  readonly operations?: Readonly<Record<string, Operation>>;
}

/** A client such as the generator writes, with a registry of its own, and without the machine's environment. */
export function testClient(options: ClientOptions, service: Service = {}): ServiceClient {
  const definition = {
    name: 'acme',
    ...(service.baseUrl === undefined ? {} : { baseUrl: service.baseUrl }),
    security: service.security ?? [{ type: 'bearer' } as const],
    policies: service.policies ?? {},
    ...(service.load === undefined ? {} : { load: service.load }),
  };
  const operations = service.operations ?? { getThing, createThing, listThings };
  class AcmeClient extends ServiceClient {
    constructor(given: ClientOptions) {
      super(definition, given, operations);
    }
  }
  return new AcmeClient({ env: {}, environment: 'test', registry: new BreakerRegistry(), random: () => 0.5, ...options });
}

/** Retries that do not wait. */
export const AT_ONCE = { baseDelayMs: 0, maxDelayMs: 0 };

/** The real transports, for `describe.each`. */
export const TRANSPORTS = [
  ['undici', {}],
  ['fetch', { transport: 'fetch' }],
] as const satisfies readonly (readonly [string, ClientOptions])[];

/** The error of a promise that must fail. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
