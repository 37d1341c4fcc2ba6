const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** The used part of a prom-client registry. */
export interface MetricsRegister {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** The data of a metric at a scrape. */
interface Shown {
  readonly name: string;
}

interface Metric {
  name: string;
  readonly type?: unknown;
  get(): Promise<Shown>;
  getForPromString?(): Promise<Shown>;
}

/** A prom-client registry with a list of its metrics. */
interface Inspectable extends MetricsRegister {
  getMetricsAsArray(): readonly Metric[];
}

/**
 * Returns a view of a registry that writes OpenMetrics text. A prom-client registry has one content type, and writing OpenMetrics removes `_total` from
 * the names of its counters for good. The registry itself must not change, because another scrape can read it as plain text. Therefore the view
 * inherits from it, and its counters have names of their own.
 *
 * A registry without a list of its metrics is returned unchanged.
 */
export function openMetricsView(register: MetricsRegister): MetricsRegister {
  if (register.contentType === OPEN_METRICS || !isInspectable(register)) return register;
  const metrics = (): readonly Metric[] =>
    register.getMetricsAsArray().map((metric) => (metric.type === 'counter' ? renamable(metric) : metric));
  return Object.create(register, { contentType: { value: OPEN_METRICS }, getMetricsAsArray: { value: metrics } }) as MetricsRegister;
}

/** Returns a view of a counter with a name of its own. */
function renamable(counter: Metric): Metric {
  const read = async (): Promise<Shown> => {
    const { name } = counter;
    let reading: Promise<Shown>;
    // A metric that writes its own lines reads its name when it is asked. This is synchronous, so no other scrape sees the changed name.
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
