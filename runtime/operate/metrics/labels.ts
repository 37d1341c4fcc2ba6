/** Labels of a sample, also as Prometheus' text format writes them: written once, not at each scrape. */
export class LabelSet {
  readonly text: string;

  constructor(readonly values: Readonly<Record<string, string>>) {
    this.text = Object.entries(values)
      .map(([name, value]) => `${name}="${escapeValue(value)}"`)
      .join(',');
  }
}

/** A name from a document may hold anything. */
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** A number as the text formats write it. */
export function valueText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
