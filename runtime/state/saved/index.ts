/** Circuits that outlive their process. */
export type { SavedCircuit, SavedCircuits } from './format.js';
export { type RestoreReport, restoreCircuit, restoreCircuits } from './restore.js';
export { saveCircuit, saveCircuits } from './save.js';
