/** The two small charts of a row: its attempts, and its states. Shapes show the same as colours. */
import type { CircuitRow } from '../wire.js';
import { setAttribute, svg } from './dom.js';
import { type Shape, STRIP_MS, spoken, stretchesOf } from './stretches.js';

/** The shortest visible state, in milliseconds. */
const STRIP_LEAST_MS = 12_000;
const HEIGHT = 20;
const SAMPLES = 60;

/** The top of each shape. An open circuit is the tallest. */
const TOP: { readonly [S in Shape]: number } = { open: 1, held: 1, probing: 8, closed: 15 };

/** The strip of states, with a sentence for screen readers. */
export class Strip {
  readonly element = svg('svg', { class: 'strip', viewBox: `0 0 ${STRIP_MS / 1000} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
  readonly #paths = new Map<Shape, SVGPathElement>();

  constructor() {
    for (const shape of ['closed', 'probing', 'open', 'held'] as const) {
      const path = svg('path', { class: `s-${shape}` });
      this.#paths.set(shape, path);
      this.element.append(path);
    }
  }

  draw(row: CircuitRow, now: number): void {
    const start = now - STRIP_MS;
    const stretches = stretchesOf(row, now);
    for (const [shape, path] of this.#paths) {
      const boxes = stretches.filter((stretch) => stretch.shape === shape).map(({ from, to }) => box(shape, from - start, to - start));
      setAttribute(path, 'd', boxes.join(''));
    }
    setAttribute(this.element, 'aria-label', spoken(stretches));
  }
}

/** The attempts of the last five minutes, with the failed ones in front. */
export class Spark {
  readonly element = svg('svg', {
    class: 'spark',
    viewBox: `0 0 ${SAMPLES} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  readonly #requests = svg('path', { class: 's-requests' });
  readonly #failures = svg('path', { class: 's-failures' });

  constructor() {
    this.element.append(this.#requests, this.#failures);
  }

  draw([requests, failures]: CircuitRow['course']): void {
    const most = Math.max(1, ...requests);
    setAttribute(this.#requests, 'd', area(requests, most));
    setAttribute(this.#failures, 'd', area(failures, most));
  }
}

function box(shape: Shape, from: number, to: number): string {
  const wide = shape === 'closed' ? to - from : Math.max(STRIP_LEAST_MS, to - from);
  const left = Math.max(0, Math.min(from, STRIP_MS - wide));
  return `M${left / 1000} ${TOP[shape]}h${wide / 1000}V${HEIGHT - 2}h${-wide / 1000}z`;
}

function area(values: readonly number[], most: number): string {
  if (values.every((value) => value === 0)) return '';
  const first = SAMPLES - values.length;
  // Any count above 0 is visible.
  const y = (value: number): number =>
    Math.round((HEIGHT - 1 - (value === 0 ? 0 : Math.max(1.5, (value / most) * (HEIGHT - 3)))) * 10) / 10;
  const steps = values.map((value) => `V${y(value)}h1`).join('');
  return `M${first} ${HEIGHT - 1}${steps}V${HEIGHT - 1}z`;
}
