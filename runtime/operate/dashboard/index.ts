/** A live page of all circuits, as routes of `fuseline/health`. */
export { type Dashboard, type DashboardOptions, dashboard } from './dashboard.js';
