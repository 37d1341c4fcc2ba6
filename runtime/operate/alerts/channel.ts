import type { AlertSeverity } from '../../config/alert-types.js';
import type { Alert } from './alert.js';

/** What an attempt to send knows. */
export interface SendContext {
  /** Aborts when the time of this send is up, or the alerts are closed. A send that goes on nevertheless is not waited for. */
  readonly signal: AbortSignal;
  /** 1 is the first. */
  readonly attempt: number;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

/** An opened channel. */
export interface AlertSender {
  /** Sends one message; resolves once it is delivered. What it throws never reaches a call; see `DeliveryError`. */
  send(alert: Alert, context: SendContext): Promise<void>;
  /** Frees what the channel holds. */
  close?(): void;
}

/** What a channel is opened with. */
export interface ChannelContext {
  /** Value of an environment variable. @throws {ConfigurationError} naming the variable, where it is not set or empty. */
  readonly secret: (variable: string, what: string) => string;
  readonly environment: string | null;
  /** Tells `onChannelError` that nothing can be sent, before there is a message: a short name of the cause, and a sentence without secrets. */
  readonly unavailable: (cause: string, why: string) => void;
}

/** Where messages go. `slack`, `webhook`, `pagerDuty` and `email` make one; an object of this shape is one, too. */
export interface AlertChannel {
  /** In problems and in the status. Different for each channel. */
  readonly name: string;
  /** The least severity that is sent. Default info. Whoever was told of an incident is told of its end, whatever this says. */
  readonly minSeverity?: AlertSeverity | undefined;
  /** True: the receiver keeps incidents itself. It gets no end of what it was not told, and ends also where that rule is off. Default false. */
  readonly keepsState?: boolean | undefined;
  /** Limit of one send, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Sends of one message, the first included. Default 8, over about two minutes. */
  readonly maxAttempts?: number | undefined;
  /** Reads its secrets and makes ready. @throws {ConfigurationError} */
  open(context: ChannelContext): AlertSender;
}

/** Something went wrong with a channel. Holds no secret, no URL and no text of the receiver's. */
export interface ChannelProblem {
  readonly channel: string;
  /** `failed`: a message was given up. `dropped`: one was, because too many were waiting. `unavailable`: nothing can be sent. */
  readonly kind: 'failed' | 'dropped' | 'unavailable';
  /** `http_403`, `timeout`, `network`, `auth`, `tls`, `queue_full`, ... */
  readonly cause: string;
  /** Attempts made. */
  readonly attempts: number;
  /** Id of the message; null where it is about none. */
  readonly alert: string | null;
  /** Messages of this channel that were never delivered so far. */
  readonly lost: number;
  /** One sentence for logs. */
  readonly message: string;
}
