import type { HttpMethod } from '../../../runtime/call/client/descriptor.js';
import type { Arrivals } from './types.js';

/** A scenario's file after the schema accepted it: the types of `schema.ts`. */
export interface ScenarioData extends ServiceData {
  readonly name?: string;
  readonly seed?: number;
  readonly duration: number;
  readonly healthy_below?: number;
  readonly service?: string;
  readonly services?: Readonly<Record<string, ServiceData | null>>;
}

export type LatencyData = number | { readonly p50: number; readonly p99: number };

export interface ConditionsData {
  readonly error_rate?: number;
  readonly errors?: Readonly<Record<string, number>>;
  readonly latency_ms?: LatencyData;
  readonly error_latency_ms?: LatencyData;
  readonly retry_after?: number;
}

export interface PhaseData extends ConditionsData {
  readonly name?: string;
  readonly at: number;
  readonly for?: number;
  readonly traffic?: number;
  readonly operations?: readonly string[];
}

export interface ServiceData extends ConditionsData {
  readonly traffic?: number;
  readonly arrivals?: Arrivals;
  readonly operations?: Readonly<Record<string, number | { readonly weight?: number; readonly method?: HttpMethod }>>;
  readonly method?: HttpMethod;
  readonly distinct_requests?: number;
  readonly senders?: number;
  readonly vendor_limit?: { readonly requests: number; readonly per_seconds?: number };
  readonly phases?: readonly PhaseData[];
}
