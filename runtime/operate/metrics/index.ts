/** Prometheus metrics through prom-client. */
export { METRIC_NAMES, METRICS, type MetricInfo, type MetricName } from './catalog.js';
export { type CollectMetricsOptions, collectMetrics, MetricsCollection } from './collect-metrics.js';
export type { MetricsRegister } from './exporter.js';
