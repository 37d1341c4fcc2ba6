import { isDeepStrictEqual } from 'node:util';
import type { BreakersConfig } from '../../config/breakers-config.js';
import type { PoliciesOf } from '../../config/live/live-policies.js';
import type { ServicePolicies, ServiceSettings } from '../../config/types.js';

/**
 * What a file says of each service. A service that it names is as the file has it, and only so. One that it does not name keeps what was
 * generated for it, but for `defaults` (and a `resilience.timeout` of its name), which are the file's: what must never be retried must not
 * be retried because a file about something else says nothing of it.
 */
export function governedBy(config: BreakersConfig): PoliciesOf {
  const made = new WeakMap<ServiceSettings, ServicePolicies>();
  return (service) => {
    const named = config.services.get(service.name);
    if (named !== undefined) return named.policies;
    let policies = made.get(service);
    if (policies === undefined) {
      policies = laidOver(service.policies, config.service(service.name).policies);
      made.set(service, policies);
    }
    return policies;
  };
}

function laidOver(generated: ServicePolicies, file: ServicePolicies): ServicePolicies {
  const { defaults: _, ...kept } = generated;
  const environments: Record<string, NonNullable<ServicePolicies['environments']>[string]> = {};
  for (const name of new Set([...Object.keys(generated.environments ?? {}), ...Object.keys(file.environments ?? {})])) {
    const { defaults: __, ...block } = own(generated.environments, name) ?? {};
    const defaults = own(file.environments, name)?.defaults;
    environments[name] = defaults === undefined ? block : { defaults, ...block };
  }
  return {
    ...(file.defaults === undefined ? {} : { defaults: file.defaults }),
    ...kept,
    ...(file.service === undefined ? {} : { service: { ...generated.service, ...file.service } }),
    ...(Object.keys(environments).length === 0 ? {} : { environments }),
  };
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/**
 * Names of the services whose settings differ between two files; `before` undefined: from what was generated. `inUse` are services of
 * running clients, which the files need not name.
 */
export function changedServices(
  before: BreakersConfig | undefined,
  after: BreakersConfig,
  inUse: readonly ServiceSettings[],
): readonly string[] {
  const [old, now] = [before && governedBy(before), governedBy(after)];
  const changed = new Set<string>();
  for (const service of inUse) if (!isDeepStrictEqual(old ? old(service) : service.policies, now(service))) changed.add(service.name);
  const used = new Set(inUse.map(({ name }) => name));
  for (const name of new Set([...(before?.services.keys() ?? []), ...after.services.keys()])) {
    if (!used.has(name) && !isDeepStrictEqual(before?.services.get(name)?.policies, after.services.get(name)?.policies)) changed.add(name);
  }
  return [...changed];
}
