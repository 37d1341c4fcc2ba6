import type { MetricName } from '../../runtime/operate/metrics/catalog.js';

/** Short for `circuit_breaker_...`. */
type Short = MetricName extends `circuit_breaker_${infer Rest}` ? Rest : never;

/** What tells processes of one service apart. Everything else (job, cluster, environment) tells services apart. */
const PROCESS = 'instance, pod';

/** Writes PromQL about one selection of services. */
export class Queries {
  /** `selector`: what stands between the braces, such as `service="ghl"`. */
  constructor(
    readonly prefix: string,
    readonly selector: string,
  ) {}

  /** A metric of these services. */
  metric(name: Short | `${Short}_${'bucket' | 'sum' | 'count'}`, more = ''): string {
    return `${this.prefix}circuit_breaker_${name}{${this.selector}${more === '' ? '' : `, ${more}`}}`;
  }

  /** How many processes see it so. */
  processes(condition: string): string {
    return `count without (${PROCESS}) (${condition})`;
  }

  max(expression: string): string {
    return `max without (${PROCESS}) (${expression})`;
  }

  /** Added up over processes, and over other labels. */
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

/** As PromQL writes a duration: `5m`, `90s`, `500ms`. */
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
