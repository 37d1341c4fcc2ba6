import type { NameUse, ServiceConfig } from './breakers-config.js';
import { IDEMPOTENT_METHODS } from './defaults.js';
import { RETRY_TUNING } from './keys.js';
import type { KnownOperation } from './known-operations.js';
import { type LayerQuery, over, resolvePolicy } from './layers.js';
import type { PolicyLayer, ServicePolicies } from './types.js';
import type { PlacedFinding } from './validate.js';

/**
 * Checks the retry settings of one operation. If the operation must not be repeated, retry settings are an error: a repeated request could send a
 * second e-mail or make a second phone call. They are allowed if the file, or the `generated` settings of the client, declare the operation
 * idempotent. If the generated settings turn retries off, retry settings have no effect, which is a warning.
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
  const tunes = RETRY_TUNING.some((key) => layer[key] !== undefined);
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
  // If the file itself turns retries off, the check of values reports it.
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
