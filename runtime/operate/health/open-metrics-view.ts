const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The part of a prom-client registry that is needed. */
export interface MetricsRegister {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** What a metric shows of itself at a scrape. */
interface Shown {
  readonly name: string;
}

interface Metric {
  name: string;
  readonly type?: unknown;
  get(): Promise<Shown>;
  getForPromString?(): Promise<Shown>;
}

/** What a registry of prom-client has beside its text. */
interface Inspectable extends MetricsRegister {
  getMetricsAsArray(): readonly Metric[];
}

/**
 * The same registry, as OpenMetrics text. A registry of prom-client has one content type, and writing OpenMetrics takes `_total` off the names
 * of its counters for good. Neither may be asked of the registry itself: another scrape may be reading it as plain text. So this one inherits
 * from it, and its counters have names of their own.
 *
 * A registry without a list of its metrics is returned as it is.
 */
export function openMetricsView(register: MetricsRegister): MetricsRegister {
  if (register.contentType === OPEN_METRICS || !isInspectable(register)) return register;
  const metrics = (): readonly Metric[] =>
    register.getMetricsAsArray().map((metric) => (metric.type === 'counter' ? renamable(metric) : metric));
  return Object.create(register, { contentType: { value: OPEN_METRICS }, getMetricsAsArray: { value: metrics } }) as MetricsRegister;
}

/** A counter whose name can be changed without changing the counter's. */
function renamable(counter: Metric): Metric {
  const read = async (): Promise<Shown> => {
    const { name } = counter;
    let reading: Promise<Shown>;
    // A metric that writes its own lines must know, when it is asked, which name they are to have. No other scrape comes in between.
    counter.name = view.name;
    try {
      reading = counter.getForPromString?.() ?? counter.get();
    } finally {
      counter.name = name;
    }
    return { ...(await reading), name: view.name };
  };
  const view: Metric = { name: counter.name, type: counter.type, get: read };
  return view;
}

function isInspectable(register: MetricsRegister): register is Inspectable {
  return typeof (register as Partial<Inspectable>).getMetricsAsArray === 'function';
}
