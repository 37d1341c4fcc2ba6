import { type LabelSet, valueText } from './labels.js';

/** Receives the samples of one metric, in order. */
export interface Sink {
  /** `more`: labels besides those of the row. `suffix`: the suffix of a histogram's series. */
  add(labels: LabelSet, value: number, more?: LabelSet, suffix?: string): void;
}

/** One sample in the form of prom-client. */
export interface PromSample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that several samples share. prom-client writes them once in text. JSON has no shared labels. */
  readonly sharedLabels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const NONE = {};

/** A list of samples. `shared`: with shared labels, for text. */
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

/** Samples as text, except the first, which stays a sample. */
export class SampleText implements Sink {
  readonly #first: SampleList;
  /** The complete lines, without the last one. A growing string, because a list of tens of thousands of lines is slower. */
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
   * Returns all samples except the first as one sample, whose name starts with the lines before the last one. `name` is prom-client's name of the metric.
   * For a counter in the OpenMetrics format it lacks `_total`, which prom-client appends.
   */
  rest(name: string): PromSample | undefined {
    if (this.#labels === undefined) return undefined;
    const labels = { ...this.#labels.values, ...this.#more?.values };
    return { metricName: this.#lines + name + this.#suffix, labels, value: this.#value };
  }
}
