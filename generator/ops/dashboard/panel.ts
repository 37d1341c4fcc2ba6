/** A query of a panel. */
export interface Target {
  readonly expr: string;
  /** The name of a series: `{{service}}`. */
  readonly legend?: string;
  /** True for the current value of each series instead of values over time. */
  readonly instant?: true;
}

/** A step of a color scale: values from `value` have this color (null: from the lowest value). */
export interface Step {
  readonly color: string;
  readonly value: number | null;
}

/** A panel before it has a place. */
export interface Panel {
  readonly type: 'timeseries' | 'stat' | 'table' | 'state-timeline' | 'text';
  readonly title: string;
  /** The content of the panel and its meaning. */
  readonly description: string;
  /** The width in columns of the page, which has 24. */
  readonly width: number;
  readonly height: number;
  readonly targets?: readonly Target[];
  /** Grafana's name of a unit: `s`, `reqps`, `percentunit`, `short`. */
  readonly unit?: string;
  readonly steps?: readonly Step[];
  /** Settings for single fields, selected by name or by a `/pattern/`. */
  readonly overrides?: readonly { readonly name: string; readonly properties: Readonly<Record<string, unknown>> }[];
  /** More of `fieldConfig.defaults`, such as `custom` and `mappings`. */
  readonly field?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly transformations?: readonly object[];
}

/** The Prometheus that is chosen at the top of the page. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** Returns a panel as Grafana stores it. */
export function panelJson(panel: Panel, id: number, x: number, y: number): object {
  const {
    type,
    title,
    description,
    width,
    height,
    targets = [],
    unit,
    steps,
    overrides = [],
    field = {},
    options,
    transformations,
  } = panel;
  const text = type === 'text';
  return {
    id,
    type,
    title,
    description,
    gridPos: { h: height, w: width, x, y },
    ...(text ? {} : { datasource: DATASOURCE, targets: targets.map((target, at) => targetJson(target, at, type)) }),
    ...(text
      ? {}
      : {
          fieldConfig: {
            defaults: {
              ...(unit === undefined ? {} : { unit }),
              min: 0,
              ...(steps === undefined ? {} : { thresholds: { mode: 'absolute', steps } }),
              ...field,
            },
            overrides: overrides.map(({ name, properties }) => ({
              matcher: { id: name.startsWith('/') ? 'byRegexp' : 'byName', options: name },
              properties: Object.entries(properties).map(([key, value]) => ({ id: key, value })),
            })),
          },
        }),
    ...(transformations === undefined ? {} : { transformations }),
    options: options ?? (type === 'timeseries' ? TIMESERIES_OPTIONS : {}),
  };
}

const TIMESERIES_OPTIONS = {
  legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
  tooltip: { mode: 'multi', sort: 'desc' },
};

function targetJson({ expr, legend, instant }: Target, at: number, type: Panel['type']): object {
  return {
    refId: String.fromCharCode(65 + at),
    datasource: DATASOURCE,
    expr,
    ...(legend === undefined ? {} : { legendFormat: legend }),
    ...(instant === true ? { instant: true, range: false, format: type === 'table' ? 'table' : 'time_series' } : { range: true }),
  };
}
