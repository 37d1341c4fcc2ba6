import { Queries } from '../queries.js';

/** The time that one point of a graph stands for: Grafana makes it long enough for a rate. */
export const EACH = '$__rate_interval';
/** For single values: long enough to be calm, short enough to be news. */
export const LATELY = '5m';

/** What the dashboard asks, about the services that are chosen at its top. */
export class Expressions {
  readonly #queries: Queries;

  constructor(prefix: string) {
    this.#queries = new Queries(prefix, 'service=~"$service"');
  }

  metric(...[name, more]: Parameters<Queries['metric']>): string {
    return this.#queries.metric(name, more);
  }

  /** Per second, added up by some labels; by none: over everything. */
  perSecond(name: Parameters<Queries['metric']>[0], by: readonly string[], range = EACH, more = ''): string {
    return `sum${grouping(by)}(${this.#queries.rate(name, range, more)})`;
  }

  increase(name: Parameters<Queries['metric']>[0], by: readonly string[], range: string, more = ''): string {
    return `sum${grouping(by)}(${this.#queries.increase(name, range, more)})`;
  }

  max(name: Parameters<Queries['metric']>[0]): string {
    return `max by (service) (${this.metric(name)})`;
  }

  /** Open if any process sees it open; else half-open if any does. */
  get state(): string {
    const state = this.metric('state');
    return `max by (service) (${state} == 1) or max by (service) (${state})`;
  }

  /** Limits an expression to services that have a circuit that is not closed. */
  whereDown(expression: string): string {
    return `${expression} and on (service) (${this.max('down_seconds')} > 0)`;
  }

  /** Share of failed requests among those with a verdict. */
  failureShare(by: readonly string[], range = EACH): string {
    const failures = this.perSecond('failures_total', by, range);
    return `${failures} / (${failures} + ${this.perSecond('successes_total', by, range)})`;
  }

  /** Share of calls that ended in one of these ways. */
  endingShare(statuses: string, by: readonly string[], range = EACH): string {
    return `${this.perSecond('calls_total', by, range, `status=~"${statuses}"`)} / ${this.perSecond('calls_total', by, range)}`;
  }

  quantile(part: number, by: readonly string[]): string {
    return `histogram_quantile(${part}, ${this.perSecond('call_duration_seconds_bucket', [...by, 'le'])})`;
  }
}

function grouping(by: readonly string[]): string {
  return by.length === 0 ? ' ' : ` by (${by.join(', ')}) `;
}
