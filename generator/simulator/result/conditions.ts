import type { Segment } from '../engine/segments.js';
import { ANY_OPERATION, type Conditions, type Fault, type Latency, type ServiceScenario } from '../scenario/types.js';
import type { ConditionStep } from './types.js';

/** Returns the changes that a scenario makes to a service, in words. */
export function conditionSteps(
  { operations, errors, vendorLimit }: ServiceScenario,
  segments: readonly Segment[],
): readonly ConditionStep[] {
  return segments.map(({ fromMs, toMs, phases, trafficPerSecond, conditions }) => {
    const groups = new Map<Conditions, string[]>();
    for (const [index, each] of conditions.entries()) {
      const known = groups.get(each) ?? [];
      known.push(operations[index]?.id ?? ANY_OPERATION);
      groups.set(each, known);
    }
    const usualMix = mixText(errors);
    const [first] = groups;
    const traffic = `${number(trafficPerSecond)} calls/s`;
    const said =
      groups.size === 1 && first !== undefined
        ? describe(first[0], usualMix)
        : [...groups].map(([each, ids]) => `${list(ids)}: ${describe(each, usualMix)}`).join('; ');
    const limit = vendorLimit === undefined || fromMs > 0 ? '' : `; the service allows ${limitText(vendorLimit)}`;
    return { fromMs, toMs, phases, text: `${traffic}, ${said}${limit}` };
  });
}

function limitText({ requests, perMs }: { readonly requests: number; readonly perMs: number }): string {
  return `${number(requests)} requests in ${number(perMs / 1_000)} s of each sender`;
}

function describe({ errorRate, errors, latency, errorLatency }: Conditions, usualMix: string): string {
  const mix = mixText(errors);
  // Usual errors are not repeated in each step.
  const kinds = errorRate > 0 && (mix !== usualMix || errorRate >= 0.05) ? ` (${mix})` : '';
  const rate = errorRate === 0 ? 'no errors' : `${number(errorRate * 100)} % errors${kinds}`;
  const failing = errorRate > 0 && errorLatency !== undefined ? `, errors after ${latencyText(errorLatency)}` : '';
  return `${rate}, ${latencyText(latency)}${failing}`;
}

function mixText(errors: Conditions['errors']): string {
  const total = errors.reduce((sum, { weight }) => sum + weight, 0);
  const name = (fault: Fault): string => String(fault).replaceAll('_', ' ');
  if (errors.length === 1 && errors[0] !== undefined) return name(errors[0].fault);
  return errors.map(({ fault, weight }) => `${name(fault)} ${number((weight / total) * 100)} %`).join(', ');
}

function latencyText({ p50Ms, p99Ms }: Latency): string {
  return p50Ms === p99Ms ? `${number(p50Ms)} ms` : `${number(p50Ms)} ms (p99 ${number(p99Ms)} ms)`;
}

function list(ids: readonly string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more`;
}

function number(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
