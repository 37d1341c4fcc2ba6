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
  /** Labels that several samples have: prom-client writes them once. In text alone, JSON has no such thing. */
  readonly sharedLabels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const NONE = {};

/** Samples one by one. `shared`: for text. */
export class SampleList implements Sink {
  readonly samples: PromSample[] = [];

  constructor(
    readonly name: string,
    readonly shared = false,
  ) {}

  add(labels: LabelSet, value: number, more?: LabelSet, suffix = ''): void {
    const all = this.shared
      ? { labels: more?.values ?? NONE, sharedLabels: labels.values }
      : { labels: { ...labels.values, ...more?.values } };
    this.samples.push(suffix === '' ? { ...all, value } : { metricName: this.name + suffix, ...all, value });
  }
}

/** Samples as text, all but the first, which comes as it is. */
export class SampleText implements Sink {
  readonly #first: SampleList;
  /** Whole lines, without the last one. A string that grows and no list: there are tens of thousands. */
  #lines = '';
  #last: string | undefined;
  #labels: LabelSet | undefined;
  #more: LabelSet | undefined;
  #suffix = '';
  #value = 0;

  constructor(readonly name: string) {
    this.#first = new SampleList(name);
  }

  add(labels: LabelSet, value: number, more?: LabelSet, suffix = ''): void {
    if (this.#first.samples.length === 0) {
      this.#first.add(labels, value, more, suffix);
      return;
    }
    if (this.#last !== undefined) this.#lines += `${this.#last}\n`;
    const others = more === undefined ? '' : `,${more.text}`;
    this.#last = `${this.name}${suffix}{${labels.text}${others}} ${valueText(value)}`;
    this.#labels = labels;
    this.#more = more;
    this.#suffix = suffix;
    this.#value = value;
  }

  get first(): PromSample | undefined {
    return this.#first.samples[0];
  }

  /**
   * All but the first as one sample, whose name begins with the lines before the last one. `name`: how prom-client calls the metric, which for
   * counters is without `_total` in the OpenMetrics format, where it appends that itself.
   */
  rest(name: string): PromSample | undefined {
    if (this.#labels === undefined) return undefined;
    const labels = { ...this.#labels.values, ...this.#more?.values };
    return { metricName: this.#lines + name + this.#suffix, labels, value: this.#value };
  }
}
