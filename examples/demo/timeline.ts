import type { FuselineEvent } from 'fuseline';

const colored = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
const paint =
  (code: number) =>
  (text: string): string =>
    colored ? `\u001b[${code}m${text}\u001b[0m` : text;
export const green = paint(32);
export const red = paint(31);
export const yellow = paint(33);
export const dim = paint(2);
export const bold = paint(1);

/** Prints lines with the seconds since the start. */
export class Timeline {
  readonly #start = performance.now();

  line(text: string): void {
    const seconds = ((performance.now() - this.#start) / 1000).toFixed(2).padStart(6);
    console.log(`${dim(`${seconds} s`)}  ${text}`);
  }

  heading(text: string): void {
    console.log('');
    this.line(bold(text));
  }

  /** One line for each event of the client. */
  readonly event = (event: FuselineEvent): void => {
    switch (event.type) {
      case 'circuit_opened':
        this.line(red(`  ○ circuit ${event.circuit}: ${event.oldState} → open, for ${seconds(event.recoveryTimeoutMs)}`));
        break;
      case 'circuit_half_open':
        this.line(yellow(`  ◐ circuit ${event.circuit}: ${event.oldState} → half-open, a probe may pass`));
        break;
      case 'circuit_closed':
        this.line(green(`  ● circuit ${event.circuit}: ${event.oldState} → closed, after ${seconds(event.downMs ?? 0)}`));
        break;
      case 'call_failed':
        this.line(dim(`    ${event.operation}: failed (${event.cause})`));
        break;
      case 'retry_scheduled':
        this.line(dim(`    ${event.operation}: attempt ${event.attempt} in ${event.delayMs.toFixed(0)} ms`));
        break;
      default:
        break;
    }
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
