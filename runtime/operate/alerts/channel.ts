import type { AlertSeverity } from '../../config/alert-types.js';
import type { Alert } from './alert.js';

/** The context of one attempt to send. */
export interface SendContext {
  /** Aborts at the time limit of this attempt, or when the alerts are closed. An attempt that continues is not awaited. */
  readonly signal: AbortSignal;
  /** The number of the attempt; 1 is the first. */
  readonly attempt: number;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

/** An opened channel. */
export interface AlertSender {
  /** Sends one message, and resolves when it is delivered. An error never reaches a call. Unless it is a `DeliveryError` that says otherwise, the message is sent again. */
  send(alert: Alert, context: SendContext): Promise<void>;
  /** Frees the resources of the channel. Its errors are dropped. */
  close?(): void;
}

/** The context in which a channel is opened. */
export interface ChannelContext {
  /** Returns the value of an environment variable. @throws {ConfigurationError} with the variable, if it is not set or empty. */
  readonly secret: (variable: string, what: string) => string;
  readonly environment: string | null;
  /** Reports to `onChannelError` that the channel cannot send, before its first message: a short name of the cause, and a sentence without secrets. */
  readonly unavailable: (cause: string, why: string) => void;
}

/** A receiver of messages. `slack`, `webhook`, `pagerDuty` and `email` return one. An object of your own with this shape works, too. */
export interface AlertChannel {
  /** The unique name of the channel, in problems and in the status. */
  readonly name: string;
  /** The least severity that is sent. Default `info`. A channel that received an incident receives its end, too, at any severity. */
  readonly minSeverity?: AlertSeverity | undefined;
  /**
   * True if the receiver keeps a list of incidents. Such a channel receives the end of exactly those incidents that it received, even if that rule is
   * off. Default false.
   */
  readonly keepsState?: boolean | undefined;
  /** The limit of one attempt, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** The most attempts per message. Default 8, over about two minutes. */
  readonly maxAttempts?: number | undefined;
  /** Reads secrets and prepares the channel. Its errors are errors of `startAlerts`. @throws {ConfigurationError} */
  open(context: ChannelContext): AlertSender;
}

/** A fault of a channel. It holds no secret, no URL and no text of the receiver. */
export interface ChannelProblem {
  readonly channel: string;
  /** `failed`: all attempts of a message failed. `dropped`: the queue was full. `unavailable`: the channel cannot send. */
  readonly kind: 'failed' | 'dropped' | 'unavailable';
  /** `http_403`, `timeout`, `network`, `auth`, `tls`, `queue_full`, ... */
  readonly cause: string;
  /** The number of attempts. */
  readonly attempts: number;
  /** The id of the message; null for `unavailable`. */
  readonly alert: string | null;
  /** The messages of this channel that were lost so far. */
  readonly lost: number;
  /** The fault in one sentence, for logs. */
  readonly message: string;
}
