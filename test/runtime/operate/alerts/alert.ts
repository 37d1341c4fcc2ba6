import type { Alert } from 'fuseline/alerts';

/** A message by hand. */
export function alert(given: Partial<Alert> = {}): Alert {
  return {
    id: 'ghl-abc.1',
    incident: 'ghl-abc',
    rule: 'circuit_open',
    status: 'firing',
    severity: 'critical',
    service: 'ghl',
    subject: given.circuit ?? 'ghl',
    circuit: 'ghl',
    circuits: [given.circuit ?? 'ghl'],
    environment: 'production',
    source: 'host-1',
    title: 'ghl: circuit open, calls are refused',
    at: Date.UTC(2026, 0, 1, 0, 0, 2),
    since: Date.UTC(2026, 0, 1),
    durationMs: 2_000,
    why: '3 failures in a row (http_503 ×3)',
    causes: { http_503: 3 },
    callersGet: 'an immediate error (CircuitOpenError)',
    nextProbe: 'with the next call',
    nextProbeAt: null,
    successRate: null,
    untold: 0,
    runbook: 'https://wiki.example.com/circuit-open',
    dashboard: 'https://ops.example.com/?a=1&b=2',
    ...given,
  };
}
