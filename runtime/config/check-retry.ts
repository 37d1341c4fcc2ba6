import type { NameUse, ServiceConfig } from './breakers-config.js';
import { IDEMPOTENT_METHODS } from './defaults.js';
import type { KnownOperation } from './known-operations.js';
import { type LayerQuery, over, resolvePolicy } from './layers.js';
import type { PolicyLayer, PolicyValues, ServicePolicies } from './types.js';
import type { PlacedFinding } from './validate.js';

/** Settings that say how, not whether. */
const TUNING: readonly (keyof PolicyValues)[] = [
  'maxAttempts',
  'baseDelayMs',
  'maxDelayMs',
  'exponentialBase',
  'jitter',
  'maxRetryAfterMs',
  'retryStatuses',
];

/**
 * Checks the retry settings of one operation. Those of an operation that must not be repeated are a misunderstanding that costs a second
 * e-mail or a second call: they are refused unless the file, or what the client was `generated` with, says that the operation may be
 * repeated. Those of an operation whose retries are switched off by what was generated have no effect, which is a warning.
 */
export function checkRetry(
  { name: service, policies }: ServiceConfig,
  use: NameUse,
  operation: KnownOperation,
  generated: ServicePolicies | undefined,
): PlacedFinding[] {
  const level = use.environment === undefined ? policies : policies.environments?.[use.environment];
  const layer: PolicyLayer | undefined = level?.operations?.[use.name];
  if (layer === undefined || layer.retryEnabled === false) return [];
  const tunes = TUNING.some((key) => layer[key] !== undefined);
  if (!tunes && layer.retryEnabled === undefined) return [];
  const query: LayerQuery = { service, namespace: use.name.split('.')[0] ?? '', id: use.name, environment: use.environment };
  const values = resolvePolicy(over(generated, policies), query);
  const { method, idempotencyHeader } = operation;
  const place = { path: [...use.path.map(String), 'retry'], anchor: 'key' as const };
  const safe = values.idempotent ?? (method === undefined || IDEMPOTENT_METHODS.has(method) || idempotencyHeader !== undefined);
  if (!safe && method !== undefined) {
    const why = values.idempotent === false ? 'is not idempotent, as its settings say' : `is a ${method}, which is not idempotent`;
    return [
      {
        code: 'unsafe-retry',
        message: `\`${use.name}\` of ${service} ${why}, so \`retry\` cannot be set for it; expected \`retry: false\` or \`idempotent: true\` beside it`,
        hint: 'Only if the server takes a repeated request for the same one, say `idempotent: true`. Connections that were refused are tried again in any case.',
        ...place,
      },
    ];
  }
  // What the file itself switches off is found where its values are checked.
  if (values.retryEnabled || !resolvePolicy(policies, query).retryEnabled) return [];
  return [
    {
      severity: 'warning',
      code: 'retry-is-off',
      message: `these retry settings of ${service} ${use.name} have no effect: its client was generated with \`retry: false\``,
      hint: 'Add `enabled: true` beside them to switch retries on.',
      ...place,
    },
  ];
}
