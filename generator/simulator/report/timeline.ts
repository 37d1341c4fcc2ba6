import type { CircuitResult, StateChange } from '../result/circuits.js';
import type { ServiceResult, SimulationResult } from '../result/types.js';
import { changeText, percent, STATE_NAMES } from './words.js';

/** One line of a timeline. */
export interface TimelineEntry {
  readonly atMs: number;
  readonly service: string;
  /** The circuit that changed. Undefined for `conditions`, which are about the service. */
  readonly circuit: string | undefined;
  readonly kind: 'conditions' | 'open' | 'half_open' | 'closed' | 'more';
  readonly text: string;
}

/** The number of consecutive failed probes that are listed. Further ones are summed up. */
const TOLD = 2;

/** Returns all events in order of time. With `whole`, no event is summed up. */
export function timeline({ services }: SimulationResult, whole: boolean): readonly TimelineEntry[] {
  const entries = services.flatMap((service) => [
    ...whatHappened(service),
    ...service.circuits.flatMap((circuit) => changesOf(service.name, circuit, whole)),
  ]);
  // The sort is stable: a change of the service comes before the changes of its circuits.
  return entries.sort((a, b) => a.atMs - b.atMs);
}

function whatHappened({ name, conditions, circuits }: ServiceResult): readonly TimelineEntry[] {
  const entry = (atMs: number, text: string): TimelineEntry => ({ atMs, service: name, circuit: undefined, kind: 'conditions', text });
  if (conditions.length > 0)
    return conditions.map(({ fromMs, phases, text }) => entry(fromMs, phases.length === 0 ? text : `${phases.join(' + ')}: ${text}`));
  // A recording contains only its calls, so their failures stand for the state of the service.
  const [first] = circuits;
  return (first?.troubles ?? []).flatMap(({ fromMs, toMs, rate }) => [
    entry(fromMs, `calls begin to fail, up to ${percent(rate * 100)}`),
    entry(toMs, 'calls succeed again'),
  ]);
}

function changesOf(service: string, { name, changes }: CircuitResult, whole: boolean): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let [told, left] = [0, 0];
  for (const [at, change] of changes.entries()) {
    const probed = isProbe(changes, at);
    if (!probed) told = 0;
    if (probed && !whole && told >= TOLD * 2) {
      left += change.to === 'open' ? 1 : 0;
      if (left > 0 && !isProbe(changes, at + 1)) {
        entries.push({
          atMs: change.atMs,
          service,
          circuit: name,
          kind: 'more',
          text: `${left} more ${left === 1 ? 'probe' : 'probes'} failed`,
        });
        left = 0;
      }
      continue;
    }
    if (probed) told++;
    entries.push(entryOf(service, name, change));
  }
  return entries;
}

/** Returns true for either half of a failed probe: the change to half-open, and the change back to open. */
function isProbe(changes: readonly StateChange[], at: number): boolean {
  const [before, change, after] = [changes[at - 1], changes[at], changes[at + 1]];
  if (change?.to === 'half_open') return after?.to === 'open';
  return change?.to === 'open' && before?.to === 'half_open';
}

function entryOf(service: string, circuit: string, change: StateChange): TimelineEntry {
  const why = changeText(change);
  const states = `${STATE_NAMES[change.from]} → ${STATE_NAMES[change.to]}`;
  const kind = change.to === 'open' || change.to === 'half_open' ? change.to : 'closed';
  return { atMs: change.atMs, service, circuit, kind, text: why === '' ? states : `${states}: ${why}` };
}
