/**
 * `fuseline/generator`: the functions behind the commands `fuseline generate` and `fuseline validate`.
 *
 * @module
 */
export { type EmitOptions, type EmittedService, emitService } from './emit/index.js';
export { type GeneratedService, type GenerateOptions, type GenerateResult, generate, validate } from './generate/generate.js';
export { type LoadedService, type LoadServiceInput, loadService } from './model/load-service.js';
export type { JsonSchema, NamespaceModel, OperationModel, ServiceModel } from './model/types.js';
export type { Change, ChangeKind } from './write/write-output.js';
