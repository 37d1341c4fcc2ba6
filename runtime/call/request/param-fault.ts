/** Thrown if a part of a request cannot be written. The message names the parameter, never its value. */
export class ParamFault extends Error {}
