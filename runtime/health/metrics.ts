/** The part of a prom-client registry that is needed. */
export interface MetricsRegister {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** What `GET /metrics` answers. */
export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

/** A prom-client registry, or a function that is asked at each scrape; `openMetrics` where the client prefers that format. */
export type Metrics = MetricsRegister | ((request: { readonly openMetrics: boolean }) => MetricsText | Promise<MetricsText>);
