import { BREAKER_PRESETS, PRESET_NAMES, type Preset, type PresetName } from '../policies/circuit-breaker/presets.js';
import { simpleWindow } from './breaker-values.js';
import type { PolicyLayer } from './types.js';

export { PRESET_NAMES, type PresetName };

/** What `preset:` of a service stands for, weaker than what the service says itself. */
export const PRESETS = Object.fromEntries(PRESET_NAMES.map((name) => [name, layerOf(BREAKER_PRESETS[name])])) as Readonly<
  Record<PresetName, PolicyLayer>
>;

function layerOf({ windowSize, ...thresholds }: Preset): PolicyLayer {
  return { ...thresholds, ...(windowSize === undefined ? {} : simpleWindow(windowSize)) };
}
