import type { ConfigFile } from 'fuseline/config';

/** A file that a test writes, and whose changes it reports itself. */
export class MemoryFile implements ConfigFile {
  text: string | undefined;
  reads = 0;
  closed = false;
  #changed: () => void = () => undefined;

  constructor(text?: string) {
    this.text = text;
  }

  async read(): Promise<Uint8Array> {
    this.reads++;
    if (this.text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    return new TextEncoder().encode(this.text);
  }

  watch(changed: () => void): { close(): void } {
    this.#changed = changed;
    return {
      close: () => {
        this.closed = true;
      },
    };
  }

  /** Replaces the text; undefined: the file is gone. */
  write(text: string | undefined): void {
    this.text = text;
    this.#changed();
  }
}
