import { isDeepStrictEqual } from 'node:util';
import type { BreakersConfig } from '../../config/breakers-config.js';
import { namesWithSettings, over, resolvePolicy } from '../../config/layers.js';
import type { PoliciesOf } from '../../config/live/live-policies.js';
import type { AppliedPolicies, ServiceSettings } from '../../config/types.js';

/** Returns the settings of each service: what the file says, laid over what the service's client was generated with. */
export function governedBy(config: BreakersConfig): PoliciesOf {
  const made = new WeakMap<ServiceSettings, AppliedPolicies>();
  return (service) => {
    let policies = made.get(service);
    if (policies === undefined) {
      policies = over(service.policies, config.service(service.name).policies);
      made.set(service, policies);
    }
    return policies;
  };
}

/**
 * Returns the names of the services whose settings differ between two files. If `before` is undefined, compares with the generated settings.
 * `inUse` are services of running clients, which the files need not name.
 */
export function changedServices(
  before: BreakersConfig | undefined,
  after: BreakersConfig,
  inUse: readonly ServiceSettings[],
): readonly string[] {
  const [old, now] = [before && governedBy(before), governedBy(after)];
  const changed = new Set<string>();
  for (const service of inUse) if (differ(service.name, old ? old(service) : service.policies, now(service))) changed.add(service.name);
  const used = new Set(inUse.map(({ name }) => name));
  for (const name of new Set([...(before?.services.keys() ?? []), ...after.services.keys()])) {
    if (!used.has(name) && !isDeepStrictEqual(before?.services.get(name)?.policies, after.services.get(name)?.policies)) changed.add(name);
  }
  return [...changed];
}

/** A file can repeat what already applied, so the resolved settings of each operation are compared. */
function differ(service: string, before: AppliedPolicies, after: AppliedPolicies): boolean {
  if (isDeepStrictEqual(before, after)) return false;
  const environments = new Set([undefined, ...[before, after].flatMap(environmentsOf)]);
  for (const environment of environments) {
    const names = [before, after].flatMap((policies) => namesWithSettings(policies, environment));
    for (const name of new Set(['', ...names])) {
      const [namespace = '', method] = name.split('.');
      const query = { service, environment, ...(name === '' ? {} : { namespace }), ...(method === undefined ? {} : { id: name }) };
      if (!isDeepStrictEqual(resolvePolicy(before, query), resolvePolicy(after, query))) return true;
    }
  }
  return false;
}

function environmentsOf({ generated, environments }: AppliedPolicies): readonly string[] {
  return [...Object.keys(generated?.environments ?? {}), ...Object.keys(environments ?? {})];
}
