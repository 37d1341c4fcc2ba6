import type { ClientOptions, Operation, ServiceDefinition } from '../../runtime/index.js';

/** What the server answers: whose call it was. */
export interface Echo {
  /** Undefined where the operation sends no id. */
  readonly id: string | null;
  readonly key: string;
}

export type SoakOperation = Operation<{ readonly key: string; readonly body?: unknown }, Echo>;

const responses = [{ status: 200, kind: 'json', success: true }] as const;

function operation(name: string, more: Partial<SoakOperation> & Pick<SoakOperation, 'method'>): SoakOperation {
  return {
    id: `soak.${name}`,
    service: 'soak',
    namespace: 'soak',
    name,
    path: `/${name}/{key}`,
    params: [{ key: 'key', in: 'path', required: true }],
    responses,
    ...more,
  };
}

const body = { kind: 'json', contentType: 'application/json' } as const;

/** One of each kind, as the generator writes them. */
export const OPERATIONS = {
  read: operation('read', { method: 'GET' }),
  /** Falls back to the last good response. It sends no id: whoever asks for the same key gets the same answer. */
  kept: operation('kept', { method: 'GET' }),
  replace: operation('replace', { method: 'PUT', body }),
  /** Not idempotent: the server must see each at most once. */
  create: operation('create', { method: 'POST', body }),
  /** Not idempotent but for its key: all its requests must carry the same. */
  pay: operation('pay', { method: 'POST', body, idempotencyHeader: 'Idempotency-Key' }),
} satisfies Record<string, SoakOperation>;

export type OperationName = keyof typeof OPERATIONS;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** Attempts of one call, the first included. */
export const MAX_ATTEMPTS = 3;

export const FAILURE_THRESHOLD = 8;

/** How long an open circuit waits; short, so that the soak sees many recoveries. */
export const RECOVERY_MS = 150;

export const ATTEMPT_TIMEOUT_MS = 400;

export const SERVICE: ServiceDefinition = {
  name: 'soak',
  security: [{ type: 'bearer' }],
  policies: {
    defaults: { scope: 'operation', recoveryTimeoutMs: RECOVERY_MS, failureThreshold: FAILURE_THRESHOLD, halfOpenMaxCalls: 3 },
    service: { timeoutMs: ATTEMPT_TIMEOUT_MS, totalTimeoutMs: 1_000, maxAttempts: MAX_ATTEMPTS, baseDelayMs: 5, maxDelayMs: 100 },
    operations: { 'soak.kept': { fallback: [{ kind: 'lastGood', maxAgeMs: null }] } },
  },
};

/** Not the machine's environment: a soak must not depend on it. */
export const BASE_OPTIONS = { env: {}, environment: 'soak' } as const satisfies ClientOptions;
