/**
 * `fuseline/alerts`: notifies people when a circuit opens, stays open, fails too often and recovers.
 *
 * @module
 */

export type { AlertRule, AlertRules, AlertSeverity } from '../../config/alert-types.js';
export type { Alert } from './alert.js';
export { type AlertStatus, Alerts, type IncidentStatus, startAlerts } from './alerts.js';
export type { AlertChannel, AlertSender, ChannelContext, ChannelProblem, SendContext } from './channel.js';
export { type EmailChannelOptions, email } from './channels/email.js';
export { type PagerDutyChannelOptions, pagerDuty } from './channels/pagerduty.js';
export { type SlackChannelOptions, slack } from './channels/slack.js';
export { type WebhookChannelOptions, webhook } from './channels/webhook.js';
export { DeliveryError, type DeliveryFailure } from './delivery-error.js';
export type { AlertConfig, LoadedAlertConfig } from './given-config.js';
export type { AlertOptions } from './options.js';
export type { ChannelStatus } from './outbox.js';
export { plainText } from './words.js';
