import type { MetricsRegister } from './metrics.js';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** What a registry of prom-client has beside its text. */
interface Inspectable extends MetricsRegister {
  getMetricsAsArray(): readonly object[];
}

/**
 * The same registry, as OpenMetrics text. A registry of prom-client has one content type, and writing OpenMetrics strips `_total` off the
 * names of its counters for good, so neither may be asked of the registry itself: another scrape may be reading it as plain text. Here
 * both are changed on objects that inherit from it and from its metrics.
 *
 * A registry without a list of its metrics is returned as it is.
 */
export function openMetricsView(register: MetricsRegister): MetricsRegister {
  if (register.contentType === OPEN_METRICS || !isInspectable(register)) return register;
  return Object.create(register, {
    contentType: { value: OPEN_METRICS },
    getMetricsAsArray: { value: () => register.getMetricsAsArray().map((metric) => Object.create(metric) as object) },
  }) as MetricsRegister;
}

function isInspectable(register: MetricsRegister): register is Inspectable {
  return typeof (register as Partial<Inspectable>).getMetricsAsArray === 'function';
}
