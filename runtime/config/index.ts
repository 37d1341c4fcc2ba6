/**
 * Reads, checks and explains the breaker YAML. This module imports `yaml` and `ajv`, so no code of a client imports it.
 *
 * @module
 */

export { nearest } from '../errors/nearest.js';
export type { AlertRules, AlertSettings, ChannelSettings } from './alert-types.js';
export type { BreakersConfig, NameUse, ServiceConfig } from './breakers-config.js';
export { checkKnown } from './check-known.js';
export { type Diagnostic, DiagnosticError } from './diagnostic.js';
export { type ExplainedSetting, type ExplainQuery, explainService } from './explain.js';
export { type FormatOptions, formatAnnotations, formatDiagnostics, summarize } from './format.js';
export type { KnownOperation, KnownOperations } from './known-operations.js';
export { type LoadOptions, type LoadResult, loadBreakers, type ParseOptions, parseBreakers } from './load.js';
export { PRESET_NAMES, PRESETS, type PresetName } from './presets.js';
export { BREAKERS_SCHEMA, schemaText } from './schema.js';
export type { Finding, Position } from './source.js';
export type { FallbackStep, PolicyLayer, PolicyValues, ServiceLayers, ServicePolicies } from './types.js';
