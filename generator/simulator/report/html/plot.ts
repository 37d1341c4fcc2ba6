import { escapeHtml } from './escape.js';
import { type Tick, timeTicks } from './scale.js';

/** The width of a plot's own coordinates. The browser stretches it to the available width. */
export const WIDTH = 1_000;
export const HEIGHT = 200;

/** A span that every plot of a service shades. */
export interface Band {
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
}

export interface Plot {
  readonly title: string;
  /** A description of the plot for screen readers. */
  readonly description: string;
  readonly durationMs: number;
  readonly bands: readonly Band[];
  readonly yTicks: readonly Tick[];
  /** The unit of the y axis. */
  readonly yLabel: string;
  readonly legend: readonly { readonly mark: string; readonly text: string }[];
  /** SVG in the plot's own coordinates. */
  readonly marks: string;
  /** The height on the page, in pixels. */
  readonly height: number;
}

/**
 * Returns a plot with its axes. The curves are SVG that stretches to the available width. All text is HTML beside the SVG, so that its size
 * is the same on every screen.
 */
export function plot({ title, description, durationMs, bands, yTicks, yLabel, legend, marks, height }: Plot): string {
  const x = (ms: number): number => (ms / durationMs) * WIDTH;
  const shaded = bands.map(({ fromMs, toMs }) => rect('band', x(fromMs), 0, x(toMs) - x(fromMs), HEIGHT)).join('');
  const grid = yTicks.map(({ at }) => `<path class="grid" d="M0 ${round(HEIGHT * (1 - at))}H${WIDTH}"/>`).join('');
  const labels = yTicks.map(({ at, label }) => `<span style="top:${round((1 - at) * 100)}%">${escapeHtml(label)}</span>`).join('');
  const times = timeTicks(durationMs).map(({ at, label }) => {
    // The first and the last label stay within the page.
    const place = at > 0.96 ? 'right:0' : `left:${round(at * 100)}%`;
    return `<span${at === 0 || at > 0.96 ? ' class="edge"' : ''} style="${place}">${escapeHtml(label)}</span>`;
  });
  const keys = legend.map(({ mark, text }) => `<li><i class="key ${mark}"></i>${escapeHtml(text)}</li>`).join('');
  return `<figure class="plot">
<figcaption><b>${escapeHtml(title)}</b><span class="unit">${escapeHtml(yLabel)}</span>${keys === '' ? '' : `<ul>${keys}</ul>`}</figcaption>
<div class="y" style="height:${height}px" aria-hidden="true">${labels}</div>
<svg style="height:${height}px" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(description)}">${shaded}${grid}${marks}</svg>
<div class="x" aria-hidden="true">${times.join('')}</div>
</figure>`;
}

export function rect(mark: string, x: number, y: number, width: number, height: number, title?: string): string {
  const told = title === undefined ? '' : `<title>${escapeHtml(title)}</title>`;
  return `<rect class="${mark}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}">${told}</rect>`;
}

/** Returns steps of equal width. Null is a gap. `values` go from 0 at the bottom to 1 at the top. The last step can be shorter. */
export function line(mark: string, values: readonly (number | null)[], stepShare: number): string {
  let path = '';
  let open = false;
  for (const [at, value] of values.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    const y = round(HEIGHT * (1 - value));
    path += open ? `V${y}` : `M${round(at * stepShare * WIDTH)} ${y}`;
    path += `H${round(Math.min(1, (at + 1) * stepShare) * WIDTH)}`;
    open = true;
  }
  return path === '' ? '' : `<path class="line ${mark}" d="${path}"/>`;
}

/** Returns the area between two rows of steps. */
export function area(mark: string, low: readonly number[], high: readonly number[], stepShare: number): string {
  const edge = (values: readonly number[], backwards: boolean): string => {
    const order = values.map((value, at) => ({
      y: round(HEIGHT * (1 - value)),
      from: at * stepShare,
      to: Math.min(1, (at + 1) * stepShare),
    }));
    if (backwards) order.reverse();
    return order
      .map(({ y, from, to }) => `L${round((backwards ? to : from) * WIDTH)} ${y}H${round((backwards ? from : to) * WIDTH)}`)
      .join('');
  };
  const path = `M${edge(high, false).slice(1)}${edge(low, true)}Z`;
  return high.some((value, at) => value > (low[at] ?? 0)) ? `<path class="area ${mark}" d="${path}"/>` : '';
}

/** Returns invisible columns that show their numbers as tooltips. */
export function hovers(titles: readonly string[], stepShare: number): string {
  return titles
    .map((title, at) =>
      rect('hover', at * stepShare * WIDTH, 0, Math.max(0, Math.min(1, (at + 1) * stepShare) - at * stepShare) * WIDTH, HEIGHT, title),
    )
    .join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
