import { BREAKER_PRESETS, PRESET_NAMES, type Preset, type PresetName } from '../policies/circuit-breaker/presets.js';
import { simpleWindow } from './breaker-values.js';
import type { PolicyLayer } from './types.js';

export { PRESET_NAMES, type PresetName };

/** The settings of each `preset` of a service. The service's own settings override them. */
export const PRESETS = Object.fromEntries(PRESET_NAMES.map((name) => [name, layerOf(BREAKER_PRESETS[name])])) as Readonly<
  Record<PresetName, PolicyLayer>
>;

function layerOf({ windowSize, ...thresholds }: Preset): PolicyLayer {
  return { ...thresholds, ...(windowSize === undefined ? {} : simpleWindow(windowSize)) };
}
