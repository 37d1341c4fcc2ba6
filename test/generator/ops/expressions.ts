/** What tests look at of a Grafana dashboard. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly datasource?: object;
    readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: object }[];
    readonly fieldConfig?: {
      readonly defaults: { readonly unit?: string; readonly thresholds?: { readonly steps: readonly object[] } };
      readonly overrides: readonly { readonly matcher: { readonly options: string }; readonly properties: readonly object[] }[];
    };
    readonly options?: { readonly content?: string };
  }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string; readonly datasource: object }[] };
}

/** All that the dashboard asks Prometheus, as it is written. */
export function expressionsOf({ panels, annotations }: DashboardJson): readonly string[] {
  return [...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)), ...annotations.list.map(({ expr }) => expr)];
}

/** As Grafana sends it: variables filled in, all services chosen. */
export function filledIn(expression: string): string {
  return expression.replaceAll('$service', '.*').replaceAll('$__rate_interval', '1m').replaceAll('$__interval', '1m');
}
