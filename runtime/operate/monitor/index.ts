/** Active health checks. */
export { type HealthCheck, HealthMonitor, type HealthMonitorOptions, type HealthStatus, type ServiceHealth } from './health-monitor.js';
