import { builtin } from '../../user-code.js';

/** The connections of undici to one origin, whichever agent opened them. */
interface Connections {
  /** Open, idle or busy. */
  open: number;
  /** Being opened. */
  opening: number;
}

const origins = new Map<string, Connections>();
let isFollowing = false;
/** True while undici writes the first request of a connection that it has just opened. */
let isNew = false;

/**
 * Starts to count the connections that undici opens, in every copy of undici and in Node's fetch. undici publishes only their opening, so this costs
 * nothing per request.
 *
 * @see https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export function followConnections(): void {
  if (isFollowing) return;
  isFollowing = true;
  const channels = builtin('node:diagnostics_channel');
  channels?.channel('undici:client:beforeConnect').subscribe((message) => {
    const connections = connectionsOf(message);
    if (connections !== undefined) connections.opening++;
  });
  channels?.channel('undici:client:connectError').subscribe((message) => {
    const connections = connectionsOf(message);
    if (connections === undefined) return;
    ended(connections);
    forget(message, connections);
  });
  channels?.channel('undici:client:connected').subscribe((message) => {
    const connections = connectionsOf(message);
    const { socket } = message as ConnectMessage;
    if (connections === undefined || socket === undefined) return;
    ended(connections);
    connections.open++;
    isNew = true;
    queueMicrotask(() => {
      isNew = false;
    });
    socket.once('close', () => {
      connections.open--;
      forget(message, connections);
    });
  });
}

/**
 * Returns true if there are connections to the origin, and no other is being opened. A request that is not on the wire then waits for our own limit
 * of connections, not for the service.
 */
export function allConnectionsBusy(origin: string): boolean {
  const connections = origins.get(origin);
  return connections !== undefined && connections.open > 0 && connections.opening === 0;
}

/**
 * Returns true if a request that undici starts now goes out on a connection that was open before. undici publishes that a connection is open, and then
 * writes its first request synchronously. False if undici opened no connection to the origin.
 */
export function startsOnOpenConnection(origin: string): boolean {
  return !isNew && (origins.get(origin)?.open ?? 0) > 0;
}

/** The part of undici's messages that is used. */
interface ConnectMessage {
  readonly connectParams?: { readonly protocol?: string; readonly host?: string };
  readonly socket?: { once(event: 'close', listener: () => void): unknown };
}

function originOf(message: unknown): string | undefined {
  const { connectParams } = message as ConnectMessage;
  return connectParams === undefined ? undefined : `${connectParams.protocol}//${connectParams.host}`;
}

function connectionsOf(message: unknown): Connections | undefined {
  const origin = originOf(message);
  if (origin === undefined) return undefined;
  let connections = origins.get(origin);
  if (connections === undefined) {
    connections = { open: 0, opening: 0 };
    origins.set(origin, connections);
  }
  return connections;
}

/** Not below 0: an attempt to connect can be older than the counting. */
function ended(connections: Connections): void {
  connections.opening = Math.max(0, connections.opening - 1);
}

function forget(message: unknown, { open, opening }: Connections): void {
  if (open === 0 && opening === 0) origins.delete(originOf(message) ?? '');
}
