import type { BreakerRegistry, ClientOptions, Clock } from 'fuseline';
import { type BreakerWatcher, parseBreakers, watchBreakers } from 'fuseline/config';
import { GhlClient } from 'fuseline/ghl';
import { MemoryFile } from '../runtime/operate/watch/memory-file.js';
import { testClient } from '../support/client.js';
import { SECRETS } from './secrets.js';

const quoted = (text: string): string => JSON.stringify(text);
const PASSWORD = `password: ${quoted(SECRETS.yamlPassword)}`;

/** Faulty files, each with secrets where none belong. */
export const FILES: Readonly<Record<string, string>> = {
  'secrets in the alerts block': `alerts:
  channels:
    mail: { type: email, host: mail.test, from: a@b.c, to: d@e.f, ${PASSWORD} }
    chat: { type: slack, url: ${quoted(`https://hooks.slack.com/services/${encodeURIComponent(SECRETS.yamlUrl)}`)} }
    hook: { type: webhook, url: https://a.test, secret_env: ${quoted(SECRETS.yamlVariableName)} }
circuit_breaker: { services: { ghl: { failure_threshold: 0 } } }
`,
  'a token among the settings': `circuit_breaker:
  services:
    ghl:
      token: ${quoted(SECRETS.yamlToken)}
      failure_threshold: -1
      api_key: ${SECRETS.yamlToken.replace(/[^a-z0-9]/g, '')}
`,
  'a fault of the syntax beside a password': `alerts:
  channels:
    mail:
      password: ${quoted(SECRETS.yamlBesideSyntax)}
      "user_env": [
      smtp_url: smtp://a:${encodeURIComponent(SECRETS.yamlBesideSyntax)}@mail.test
`,
  'a quote that is never closed': `alerts:
  channels:
    mail:
      type: email
      password: "${SECRETS.yamlOpenQuote.replaceAll('"', '')}
      host: mail.test
`,
  'the wrong file': `${SECRETS.yamlOnly.replaceAll('"', '')}\n`,
  'the wrong file, with a key': `API_TOKEN: ${quoted(SECRETS.yamlOnly)}\n`,
  'a secret as a setting': `circuit_breaker: { services: { ghl: { failure_threshold: ${quoted(SECRETS.settingOfYaml)} } } }\n`,
};

/** Follows each file, and gives the watchers and everything that they and the reader say. */
export async function followFiles(registry: BreakerRegistry, clock: Clock): Promise<{ watchers: BreakerWatcher[]; said: unknown[] }> {
  const said: unknown[] = [];
  const watchers = Object.entries(FILES).map(([name, content]) =>
    watchBreakers({
      file: `${name}.yaml`,
      registry,
      clock,
      source: new MemoryFile(content),
      pollMs: null,
      onError: (error) => {
        said.push(error);
        throw new Error(SECRETS.listenerError);
      },
    }),
  );
  for (const watcher of watchers) {
    await watcher.ready;
    watcher.close();
  }
  for (const [name, content] of Object.entries(FILES)) said.push(parseBreakers(content, `${name}.yaml`).diagnostics);
  return { watchers, said };
}

/** Options that no client can be made with. */
export const REFUSED: Readonly<Record<string, ClientOptions>> = {
  'a password in the URL': { baseUrl: `https://ann:${SECRETS.baseUrlPassword}@api.test` },
  'an encoded one': { baseUrl: `https://ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test/v2` },
  'behind one slash': { baseUrl: `https:/ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'behind no slash': { baseUrl: `https:ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'behind backslashes': { baseUrl: `https:\\\\ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'behind a line end': { baseUrl: `https://an\nn:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'of an impossible host': { baseUrl: `https://ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api test:x` },
  'of no scheme': { baseUrl: `ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'of another scheme': { baseUrl: `ftp://ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'without a scheme': { baseUrl: `//ann:${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'a user alone': { baseUrl: `https://${encodeURIComponent(SECRETS.baseUrlPassword)}@api.test` },
  'a key in the query': { baseUrl: `https://api.test/?key=${encodeURIComponent(SECRETS.baseUrlQuery)}` },
  'a key in the fragment': { baseUrl: `https://api.test/#${encodeURIComponent(SECRETS.baseUrlQuery)}` },
  'a key in the query of no URL': { baseUrl: `api.test/?key=${SECRETS.baseUrlQuery}` },
  'a faulty variable': { baseUrl: 'https://api.test', env: { CIRCUIT_BREAKER_TIMEOUT_SECONDS: SECRETS.settingOfVariable } },
  'a fallback of no operation': { fallbacks: { 'no.such': { text: SECRETS.fallbackValue } } as never },
};

/** What making each of them throws. */
export function refusals(): readonly unknown[] {
  const secret: ClientOptions = { token: SECRETS.token, credentials: { username: 'ann', password: SECRETS.password }, env: {} };
  return Object.values(REFUSED).flatMap((options) =>
    [() => testClient({ ...secret, ...options }), () => new GhlClient({ ...secret, ...options } as never)].map((make) => {
      try {
        return `it was made: ${make()}`;
      } catch (error) {
        return error;
      }
    }),
  );
}
