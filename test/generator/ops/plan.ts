import { parseBreakers } from 'fuseline/config';
import { type OpsPlan, planOf } from '../../../generator/ops/service-plan.js';

/** The plan of a breaker YAML; fails where that has errors. */
export function plan(
  yaml: string,
  { environment, prefix = '' }: { readonly environment?: string; readonly prefix?: string } = {},
): OpsPlan {
  const { config, diagnostics } = parseBreakers(yaml, 'breakers.yaml');
  if (config === undefined) throw new Error(JSON.stringify(diagnostics));
  return planOf(config, environment, prefix);
}

/** Services with different thresholds, and alerts that are tuned for one of them. */
export const TUNED = `circuit_breaker:
  defaults: { recovery_timeout_seconds: 30 }
  services:
    ghl: { failure_threshold: 3, timeout_seconds: 30 }
    retell: { failure_threshold: 1, success_threshold: 1, timeout_seconds: 45 }
    lyrio:
      recovery_timeout_seconds: 90
      sliding_window: { type: time, duration_seconds: 60, failure_rate_threshold: 0.5, slow_call_duration_seconds: 2 }
    off: { enabled: false }
alerts:
  runbook_url: https://wiki.example.com/{page}
  dashboard_url: https://status.example.com/circuits
  rules:
    circuit_open_long: { after_seconds: 120 }
    circuit_half_open: false
  services:
    retell:
      rules:
        circuit_open: { severity: warning }
        circuit_open_long: { after_seconds: 86399 }
        low_success_rate: { below: 0.99, window_seconds: 60, minimum_calls: 3 }
        circuit_half_open: true
environments:
  production:
    circuit_breaker: { services: { ghl: { failure_threshold: 7 } } }
    alerts: { rules: { circuit_recovered: false } }
`;
