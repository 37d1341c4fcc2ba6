import { type LabelSet, valueText } from './labels.js';

/** Receives the samples of one metric, in order. */
export interface Sink {
  /** `more`: labels beside the row's own. `suffix`: what a histogram's series append to its name. */
  add(labels: LabelSet, value: number, more?: LabelSet, suffix?: string): void;
}

/** One sample as prom-client knows it. */
export interface PromSample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples one by one, for JSON and for registries that add labels of their own. */
export class SampleList implements Sink {
  readonly samples: PromSample[] = [];

  constructor(readonly name: string) {}

  add(labels: LabelSet, value: number, more?: LabelSet, suffix?: string): void {
    const all = more === undefined ? { ...labels.values } : { ...labels.values, ...more.values };
    this.samples.push(suffix === undefined ? { labels: all, value } : { metricName: this.name + suffix, labels: all, value });
  }
}

/** Samples as lines of text. The first and the last are also kept as they came. */
export class SampleLines implements Sink {
  readonly lines: string[] = [];
  readonly first: SampleList;
  #last: readonly [labels: LabelSet, value: number, more: LabelSet | undefined, suffix: string | undefined] | undefined;

  constructor(readonly name: string) {
    this.first = new SampleList(name);
  }

  add(labels: LabelSet, value: number, more?: LabelSet, suffix = ''): void {
    if (this.lines.length === 0) this.first.add(labels, value, more, suffix === '' ? undefined : suffix);
    const text = more === undefined ? labels.text : labels.text === '' ? more.text : `${labels.text},${more.text}`;
    this.lines.push(`${this.name}${suffix}{${text}} ${valueText(value)}`);
    this.#last = [labels, value, more, suffix];
  }

  /**
   * All but the first as one sample, whose name begins with the lines before the last one. `name`: how prom-client calls the metric, which for
   * counters is without `_total` in the OpenMetrics format, where it appends that itself.
   */
  rest(name: string): PromSample | undefined {
    if (this.lines.length < 2 || this.#last === undefined) return undefined;
    const [labels, value, more, suffix = ''] = this.#last;
    const metricName = [...this.lines.slice(1, -1), name + suffix].join('\n');
    return { metricName, labels: { ...labels.values, ...more?.values }, value };
  }
}
