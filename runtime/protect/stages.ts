import { CallEvents } from '../policies/call-events.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import { Permits } from '../policies/circuit-breaker/permits.js';
import { Answering } from '../policies/fallback/answering.js';
import { Retrying, type RetryParts } from '../policies/retry/retrying.js';
import { connect, type FlowSettings, type Outer } from '../policies/stage.js';
import { budgetOf } from './circuit-budget.js';
import type { FunctionCall, FunctionPlan } from './function-call.js';
import type { PlainCall, PlainPlan } from './plain-call.js';
import { RunFunction, type RunParts } from './run-function.js';

/** Builds the chain of a function that has only a circuit and a limit per run. */
export function plainPlan(breaker: CircuitBreaker, parts: RunParts, settings: FlowSettings, isPart: boolean): PlainPlan {
  const { place, clock } = parts;
  const events = new CallEvents(breaker, place.operation ?? breaker.name, place.operation !== undefined);
  const chain = new Permits<PlainCall>(breaker, events, place);
  const innermost = new RunFunction<PlainCall>(parts);
  connect(END, [chain], innermost);
  return { chain, innermost, settings, clock, isPart };
}

/** Builds the chain of all policies of a function, in the order of docs/policies/order.md. */
export function fullPlan(
  breaker: CircuitBreaker,
  parts: RunParts,
  settings: FlowSettings,
  about: Pick<FunctionPlan, 'operation' | 'totalTimeoutMs' | 'isPart'> & Pick<RetryParts, 'random'>,
): FunctionPlan {
  const { place, clock } = parts;
  const { operation, totalTimeoutMs, isPart, random } = about;
  const events = new CallEvents(breaker, operation, place.operation !== undefined);
  const chain = new Answering<FunctionCall>(events, breaker, () => clock.now(), place);
  const retrying = new Retrying<FunctionCall>({ clock, random, budget: budgetOf(breaker), circuit: breaker, events, place });
  const innermost = new RunFunction<FunctionCall>(parts);
  connect(END, [chain, retrying, new Permits<FunctionCall>(breaker, events, place)], innermost);
  return { chain, innermost, settings, clock, place, operation, totalTimeoutMs, isPart };
}

/** The outer end of the chain. It settles the call. */
const END: Outer<PlainCall | FunctionCall> = {
  succeeded: (call, value) => call.finish(value),
  failed: (call, failure) => call.fail(failure.error),
  heard: () => undefined,
  gone: () => undefined,
};
