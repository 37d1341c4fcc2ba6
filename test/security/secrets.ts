import { canary } from './canary.js';

/** What is told to a client and goes to the server. */
export const SENT = [
  'token',
  'tokenOfFunction',
  'tokenOfPromise',
  'password',
  'keyInHeader',
  'keyInQuery',
  'keyInCookie',
  'clientHeader',
  'callHeader',
  'idempotencyKey',
  'path',
  'query',
  'headerParameter',
  'cookie',
  'requestBody',
  'form',
  'part',
  'file',
  'fileName',
] as const;

/** What the server answers. */
export const ANSWERED = ['responseBody', 'responseHeader', 'responseCookie', 'mediaTypeParameter', 'htmlPage', 'statusText'] as const;

/** What functions and transports throw that are not ours. The caller finds it in an error's `cause`, see `sinks.ts`. */
export const THROWN = ['tokenError', 'transportMessage', 'abortReason', 'functionError'] as const;

/** What is told to a client, or thrown into its face, and goes nowhere. */
const KEPT = [
  'transportData',
  'transportBody',
  'transportHeader',
  'listenerError',
  'instrumentationError',
  'fallbackValue',
  'fallbackAnswer',
  'fallbackError',
  'functionArgument',
  'baseUrlPassword',
  'baseUrlQuery',
  'variable',
] as const;

/** What stands in a breaker YAML. */
const YAML = ['yamlPassword', 'yamlUrl', 'yamlVariableName', 'yamlToken', 'yamlBesideSyntax', 'yamlOpenQuote', 'yamlOnly'] as const;

/** A setting that is faulty is shown as it stands: whoever mends it must recognise it. */
export const FAULTY_SETTINGS = ['settingOfVariable', 'settingOfYaml'] as const;

/** What health pages are asked with. */
const ASKED = ['healthToken', 'adminToken', 'wrongToken', 'askedQuery', 'askedBody', 'askedHeader', 'askedPath', 'routeError'] as const;

/** What alerts are sent with, and what their receivers say. */
export const ALERTED = [
  'slackUrl',
  'webhookUrl',
  'webhookSecret',
  'routingKey',
  'smtpUser',
  'smtpPassword',
  'smtpWrongPassword',
  'receiverSays',
  'smtpSays',
] as const;

export const NAMES = [...SENT, ...ANSWERED, ...THROWN, ...KEPT, ...YAML, ...FAULTY_SETTINGS, ...ASKED, ...ALERTED] as const;

export type Name = (typeof NAMES)[number];

/** One secret for each place that one can come from. */
export const SECRETS = Object.fromEntries(NAMES.map((name) => [name, canary(name)])) as Readonly<Record<Name, string>>;
