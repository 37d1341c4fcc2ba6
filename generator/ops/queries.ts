import type { MetricName } from '../../runtime/operate/metrics/catalog.js';

/** Metric names without `circuit_breaker_`. */
type Short = MetricName extends `circuit_breaker_${infer Rest}` ? Rest : never;

/** Labels that distinguish the processes of one service. All other labels (job, cluster, environment) distinguish services. */
const PROCESS = 'instance, pod';

/** Writes PromQL about one selection of services. */
export class Queries {
  /** `selector` is the text between the braces, such as `service="ghl"`. */
  constructor(
    readonly prefix: string,
    readonly selector: string,
  ) {}

  /** A metric of these services. */
  metric(name: Short | `${Short}_${'bucket' | 'sum' | 'count'}`, more = ''): string {
    return `${this.prefix}circuit_breaker_${name}{${this.selector}${more === '' ? '' : `, ${more}`}}`;
  }

  /** The number of processes in which the condition is true. */
  processes(condition: string): string {
    return `count without (${PROCESS}) (${condition})`;
  }

  max(expression: string): string {
    return `max without (${PROCESS}) (${expression})`;
  }

  /** The sum over processes, and over the given labels. */
  sum(expression: string, ...labels: readonly string[]): string {
    return `sum without (${[PROCESS, ...labels].join(', ')}) (${expression})`;
  }

  increase(name: Parameters<Queries['metric']>[0], range: string, more = ''): string {
    return `increase(${this.metric(name, more)}[${range}])`;
  }

  rate(name: Parameters<Queries['metric']>[0], range: string, more = ''): string {
    return `rate(${this.metric(name, more)}[${range}])`;
  }
}

/** Returns a duration as PromQL writes it: `5m`, `90s`, `500ms`. */
export function promDuration(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ] as const;
  const whole = Math.max(1, Math.round(ms));
  const [size, unit] = units.find(([size]) => whole % size === 0) ?? [1, 'ms'];
  return `${whole / size}${unit}`;
}
