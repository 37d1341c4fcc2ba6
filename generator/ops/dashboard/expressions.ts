import { Queries } from '../queries.js';

/** The time that one point of a graph covers. Grafana makes it long enough for a rate. */
export const EACH = '$__rate_interval';
/** The range for single values: long enough to be steady, short enough to be current. */
export const LATELY = '5m';

/** The PromQL of the dashboard, about the services chosen at its top. */
export class Expressions {
  readonly #queries: Queries;

  constructor(prefix: string) {
    this.#queries = new Queries(prefix, 'service=~"$service"');
  }

  metric(...[name, more]: Parameters<Queries['metric']>): string {
    return this.#queries.metric(name, more);
  }

  /** A rate per second, summed by some labels. Without labels, the sum over everything. */
  perSecond(name: Parameters<Queries['metric']>[0], by: readonly string[], range = EACH, more = ''): string {
    return `sum${grouping(by)}(${this.#queries.rate(name, range, more)})`;
  }

  increase(name: Parameters<Queries['metric']>[0], by: readonly string[], range: string, more = ''): string {
    return `sum${grouping(by)}(${this.#queries.increase(name, range, more)})`;
  }

  max(name: Parameters<Queries['metric']>[0]): string {
    return `max by (service) (${this.metric(name)})`;
  }

  /** Open if the circuit is open in any process, otherwise half-open if it is half-open in any process. */
  get state(): string {
    const state = this.metric('state');
    return `max by (service) (${state} == 1) or max by (service) (${state})`;
  }

  /** Limits an expression to services with a circuit that is not closed. */
  whereDown(expression: string): string {
    return `${expression} and on (service) (${this.max('down_seconds')} > 0)`;
  }

  /** The share of failed requests among requests with a verdict. */
  failureShare(by: readonly string[], range = EACH): string {
    const failures = this.perSecond('failures_total', by, range);
    return `${failures} / (${failures} + ${this.perSecond('successes_total', by, range)})`;
  }

  /** The share of calls that ended in one of these ways. */
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
