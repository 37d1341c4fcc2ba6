/** Thresholds that follow observations, inside bounds. */

import { clientInternals, ServiceClient } from '../../call/client/service-client.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { isInstance } from '../../errors/readable.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { AdaptiveController } from './controller.js';
import type { AdaptiveOptions } from './settings.js';

export { AdaptiveController, type AdaptiveStatus } from './controller.js';
export type { AdaptiveOptions, ThresholdBounds } from './settings.js';

/** The services that have a controller, by registry. Undefined stands for all services. */
const running = new WeakMap<BreakerRegistry, Set<string | undefined>>();

/**
 * Observes the circuits of a registry, or of a client's service, on an interval: the usual failures and durations, openings that ended at the first
 * probe, and probes that failed. It proposes thresholds inside the given bounds, and with `mode: 'apply'` applies them one step at a time.
 *
 * Every proposal and every change is an event. A threshold without bounds, here or in the YAML (`adaptive:`), stays as it is. `stop()` restores the
 * configured thresholds. Nothing here keeps the process alive.
 *
 * @throws {ConfigurationError} if an option is out of range, or another controller has the same circuits.
 *
 * @example
 * const adaptive = adaptThresholds(defaultRegistry, { mode: 'apply', failureThreshold: { min: 3, max: 10 } });
 * // Later: `adaptive.stop()` restores the configured thresholds.
 */
export function adaptThresholds(source: BreakerRegistry | ServiceClient, options: AdaptiveOptions = {}): AdaptiveController {
  const { registry, service } = sourceOf(source);
  const services = running.get(registry) ?? new Set();
  if (services.has(undefined) || services.has(service) || (service === undefined && services.size > 0)) {
    const hint = 'Two controllers of the same circuits would undo each other: stop the first.';
    throw new ConfigurationError('source', service ?? 'this registry', 'circuits that no other controller adapts', hint);
  }
  const covers = (circuit: CircuitBreaker): boolean => service === undefined || circuit.service === service;
  const controller = new AdaptiveController(registry, options, covers, () => services.delete(service));
  services.add(service);
  running.set(registry, services);
  return controller;
}

function sourceOf(source: BreakerRegistry | ServiceClient): { readonly registry: BreakerRegistry; readonly service: string | undefined } {
  if (isInstance(source, BreakerRegistry)) return { registry: source, service: undefined };
  if (!(source instanceof ServiceClient)) throw new ConfigurationError('source', source, 'a BreakerRegistry or a client');
  const { registry, service } = clientInternals(source);
  return { registry, service: service.name };
}
