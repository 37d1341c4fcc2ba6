import type { PolicyLayer } from '../../runtime/config/types.js';
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

const FAILURE_THRESHOLD = 8;

/** How long an open circuit waits; short, so that the soak sees many recoveries. */
const RECOVERY_MS = 150;

export const ATTEMPT_TIMEOUT_MS = 400;

const COUNT_WINDOW = {
  windowEnabled: true,
  windowType: 'count',
  windowSize: 20,
  minimumCalls: 10,
  failureRateThreshold: 0.5,
  slowCallMs: 250,
  slowCallRateThreshold: 0.8,
} as const satisfies PolicyLayer;

const TIME_WINDOW = {
  ...COUNT_WINDOW,
  windowType: 'time',
  windowMs: 1_000,
  failureOrSlowRateThreshold: 0.7,
} as const satisfies PolicyLayer;

/** Waits of 150 to 600 ms, and a circuit that opens within two seconds of its closing flaps. */
const BACKOFF = {
  reopenBackoffEnabled: true,
  reopenMultiplier: 2,
  reopenMaxMs: 600,
  reopenJitter: 0.2,
  reopenResetAfterMs: 2_000,
  flappingSuccessThreshold: 5,
} as const satisfies PolicyLayer;

const RAMP = { rampEnabled: true, rampMs: 300, rampInitialShare: 0.2 } as const satisfies PolicyLayer;

export const SERVICE: ServiceDefinition = {
  name: 'soak',
  security: [{ type: 'bearer' }],
  policies: {
    defaults: { scope: 'operation', recoveryTimeoutMs: RECOVERY_MS, failureThreshold: FAILURE_THRESHOLD, halfOpenMaxCalls: 3 },
    service: { timeoutMs: ATTEMPT_TIMEOUT_MS, totalTimeoutMs: 1_000, maxAttempts: MAX_ATTEMPTS, baseDelayMs: 5, maxDelayMs: 100 },
    // A circuit of every kind: by failures in a row, by a window of either kind, with a backoff, with a ramp, with all of it.
    operations: {
      'soak.kept': { fallback: [{ kind: 'lastGood', maxAgeMs: null }], ...COUNT_WINDOW },
      'soak.replace': { ...BACKOFF, ...RAMP },
      'soak.pay': { ...TIME_WINDOW, ...BACKOFF, ...RAMP },
    },
  },
};

/** Not the machine's environment: a soak must not depend on it. */
export const BASE_OPTIONS = { env: {}, environment: 'soak' } as const satisfies ClientOptions;
