import type { Registry } from 'prom-client';

/** What a prom-client registry writes, taken apart. */
export class MetricsText {
  readonly types = new Map<string, string>();
  readonly help = new Map<string, string>();
  readonly samples: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[] = [];

  constructor(readonly text: string) {
    for (const line of text.split('\n')) {
      const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
      if (comment !== null) {
        const [, kind, name = '', rest = ''] = comment;
        (kind === 'TYPE' ? this.types : this.help).set(name, rest);
        continue;
      }
      if (line === '' || line === '# EOF') continue;
      const sample = /^([a-zA-Z_:][\w:]*)\{(.*)\} (\S+)$/.exec(line);
      if (sample === null) throw new Error(`not a sample: ${line}`);
      const [, name = '', labels = '', value = ''] = sample;
      this.samples.push({ name, labels: labelsOf(labels), value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) });
    }
  }

  static async of(register: Registry): Promise<MetricsText> {
    return new MetricsText(await register.metrics());
  }

  /** The value of the one sample with that name and these labels among its own. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const found = this.all(name, labels);
    const [only] = found;
    if (only === undefined || found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
    return only.value;
  }

  all(name: string, labels: Readonly<Record<string, string>> = {}): MetricsText['samples'] {
    return this.samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  }
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
  // Nothing between two labels, and nothing after the last.
  const read = found.map(([whole]) => whole).join('');
  if (read !== text) throw new Error(`not labels: ${text}`);
  const plain = (value: string): string => value.replace(/\\(.)/g, (_, next: string) => (next === 'n' ? '\n' : next));
  return Object.fromEntries(found.map(([, key = '', value = '']) => [key, plain(value)]));
}
