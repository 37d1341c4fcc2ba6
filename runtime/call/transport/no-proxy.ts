/** Returns true if a target must be reached without the proxy. */
export type Bypass = (target: URL) => boolean;

/** One entry of `NO_PROXY`. */
interface Entry {
  /** As `URL.hostname` has it, without a dot at the end. */
  readonly host: string;
  /** 0: every port. */
  readonly port: number;
  /** The host itself is not meant, only those below it. */
  readonly onlyBelow: boolean;
}

/**
 * Reads `NO_PROXY`: hosts separated by commas or spaces, each with its subdomains and perhaps with a port. `*` is every host, and `*.example.com` only the
 * subdomains. An IPv6 address can have brackets, and needs none. There is no standard; this is what curl, Go and undici have in common.
 */
export function readNoProxy(list: string): Bypass {
  const names = list.split(/[,\s]+/).filter((name) => name !== '');
  if (names.includes('*')) return () => true;
  const entries = names.flatMap(entriesOf);
  return ({ hostname, port, protocol }) => {
    const host = withoutLastDot(hostname);
    const number = port === '' ? DEFAULT_PORTS[protocol] : Number(port);
    return entries.some((entry) => (entry.port === 0 || entry.port === number) && covers(entry, host));
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function covers({ host, onlyBelow }: Entry, target: string): boolean {
  return (target === host && !onlyBelow) || target.endsWith(`.${host}`);
}

function entriesOf(name: string): readonly Entry[] {
  const onlyBelow = name.startsWith('*.');
  const rest = name.replace(/^\*?\./, '');
  const [, before = '', digits = ''] = /^(.+):(\d+)$/.exec(rest) ?? [];
  const withPort = { host: hostOf(before), port: Number(digits), onlyBelow };
  if (!isIPv6(rest)) return digits === '' ? [{ host: hostOf(rest), port: 0, onlyBelow }] : [withPort];
  // `::1:8080` is an address, and perhaps meant as `[::1]:8080`.
  const address = { host: hostOf(rest), port: 0, onlyBelow };
  return isIPv6(before) ? [address, withPort] : [address];
}

function isIPv6(text: string): boolean {
  return text.includes(':') && URL.canParse(`http://[${text}]`);
}

/** Returns a host in the form that `URL` gives it: lower case, Punycode, short IPv6. */
function hostOf(text: string): string {
  const written = `http://${isIPv6(text) ? `[${text}]` : text}`;
  return withoutLastDot(URL.canParse(written) ? new URL(written).hostname : text.toLowerCase());
}

function withoutLastDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
