/** The labels of a sample. Their text in the format of Prometheus is written once, not at each scrape. */
export class LabelSet {
  readonly text: string;

  constructor(readonly values: Readonly<Record<string, string>>) {
    this.text = Object.entries(values)
      .map(([name, value]) => `${name}="${escapeValue(value)}"`)
      .join(',');
  }
}

/** Escapes the value of a label. A name from a document can hold anything. */
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** Writes a number in the form of the text formats. */
export function valueText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
