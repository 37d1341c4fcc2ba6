import { ConfigurationError } from '../../errors/configuration-error.js';
import { CURRENT, userFunction, userObject } from '../../user-code.js';
import { type MetricsRegister, openMetricsView } from './open-metrics-view.js';
import type { Route } from './route.js';

export type { MetricsRegister };

/** The answer of `GET /metrics`. */
export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

/** A prom-client registry, or a function that is called at each scrape. `openMetrics` is true if the client prefers that format. */
export type Metrics = MetricsRegister | ((wanted: { readonly openMetrics: boolean }) => MetricsText | Promise<MetricsText>);

type Reader = (wanted: { readonly openMetrics: boolean }) => MetricsText | Promise<MetricsText>;

/** Returns the route `GET /metrics`, if there are metrics. */
export function metricsRoutes(metrics: Metrics | undefined): readonly Route[] {
  if (metrics === undefined) return [];
  const read: Reader = typeof metrics === 'function' ? (wanted) => CURRENT.call(userFunction(metrics), wanted) : readerOf(metrics);
  const handle = async (request: Request): Promise<Response> => {
    const { contentType, body } = await read({ openMetrics: prefersOpenMetrics(request.headers.get('accept')) });
    return new Response(body, { headers: { 'content-type': contentType, vary: 'accept' } });
  };
  return [{ method: 'GET', path: '/metrics', permission: 'read', handle }];
}

function readerOf(register: MetricsRegister): Reader {
  if (typeof register?.metrics !== 'function' || typeof register.contentType !== 'string')
    throw new ConfigurationError('metrics', register, 'a registry of prom-client, or a function');
  return async ({ openMetrics }) => {
    const source = openMetrics ? openMetricsView(register) : register;
    return { contentType: source.contentType, body: await CURRENT.invoke(userObject(source), 'metrics') };
  };
}

/** Whether `Accept` ranks OpenMetrics at least as high as plain text. False without the header. */
export function prefersOpenMetrics(accept: string | null): boolean {
  let openMetrics = 0;
  let text = 0;
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = params.find((param) => param.startsWith('q='));
    const q = weight === undefined ? 1 : Number(weight.slice(2)) || 0;
    if (type === 'application/openmetrics-text') openMetrics = Math.max(openMetrics, q);
    else if (type === 'text/plain') text = Math.max(text, q);
  }
  return openMetrics > 0 && openMetrics >= text;
}
