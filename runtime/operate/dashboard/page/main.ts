/** Connects the parts of the page. */
import type { StateMessage, TimelineEntry, UpdateMessage } from '../wire.js';
import { Actions } from './actions.js';
import { Api } from './api.js';
import { Banner } from './banner.js';
import { byId, setHidden, setText } from './dom.js';
import { Filters } from './filters.js';
import { ALL, type View } from './order.js';
import { Session } from './session.js';
import type { ServerEvent } from './sse.js';
import { announceEntries, Status, toast } from './status.js';
import { Store } from './store.js';
import { type Link, Stream } from './stream.js';
import { Table } from './table.js';
import { startTheme } from './theme.js';
import { Timeline } from './timeline.js';

/** How often the strips move, in ticks of a second. */
const PAST_TICKS = 10;
/** After this many missed heartbeats, a stream counts as dead. */
const SILENT_BEATS = 2.5;

const store = new Store();
const session = new Session();
const api = new Api(session, location.pathname);
const status = new Status(store);
const actions = new Actions(store, session, api, showLock);
const search = byId<HTMLInputElement>('search');
const table = new Table(
  store,
  { act: (action, circuit) => actions.ask({ action, circuit }), operations: (service) => api.operations(service) },
  setView,
);
const filters = new Filters(store, (group) => setView({ ...table.view, group }));
const banner = new Banner(store, {
  reveal,
  reset: (circuit) => actions.ask({ action: 'reset', circuit }),
  show: (group) => setView({ ...ALL, group }),
});
const timeline = new Timeline(store, reveal);
const stream = new Stream({
  url: api.eventsUrl,
  headers: () => session.headers(),
  onEvent: take,
  onLink: showLink,
  silenceMs: () => store.heartbeatMs * SILENT_BEATS,
});

/** The changes to draw with the next frame. A hidden tab draws nothing, and everything when it becomes visible. */
const dirty = new Set<string>();
let drawing = false;
let refused = false;
let ticks = 0;
let hasActions = false;

function take({ event, data }: ServerEvent): void {
  const message = JSON.parse(data) as StateMessage | UpdateMessage;
  let entries: readonly TimelineEntry[] = [];
  if (event === 'state') {
    entries = store.takeState(message as StateMessage);
    timeline.clear();
    for (const name of store.circuits.keys()) dirty.add(name);
  } else if (event === 'update') {
    entries = (message as UpdateMessage).timeline;
    for (const name of store.takeUpdate(message as UpdateMessage)) dirty.add(name);
  } else store.heard(message.now);
  status.update();
  announceEntries(entries);
  draw();
}

function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    setHidden(byId('content'), !store.known || refused);
    // Without circuits, sums and filters are hidden.
    for (const id of ['banner', 'filters']) setHidden(byId(id), store.circuits.size === 0);
    table.update(dirty);
    dirty.clear();
    filters.update(table.view);
    banner.update();
    timeline.update();
  });
}

function setView(view: View): void {
  table.view = view;
  if (search.value !== view.text) search.value = view.text;
  table.arrange(true);
  filters.update(view);
}

/** Shows a circuit, and removes a filter that hides it. */
function reveal(circuit: string): void {
  if (!store.circuits.has(circuit)) {
    toast(`${circuit} no longer exists.`, true);
    return;
  }
  setView({ ...ALL, sort: table.view.sort });
  table.reveal(circuit);
}

function showLink(link: Link): void {
  store.live = link.kind === 'live';
  status.link = link;
  refused = link.kind === 'refused';
  setHidden(byId('signin'), !refused);
  if (link.kind === 'refused') {
    setText(byId('signin-error'), link.wrong ? 'The server does not know this token.' : '');
    byId('signin-token').focus();
  }
  if (link.kind === 'live') void lookForActions();
  draw();
}

let looked = false;

async function lookForActions(): Promise<void> {
  if (looked) return;
  looked = true;
  try {
    const token = session.admin ?? session.read;
    const { there, allowed } = await api.actions(token);
    hasActions = there;
    // The token of the sign-in can be the admin token.
    if (there && allowed) session.admin = token;
  } catch {
    looked = false;
  }
  showLock();
}

function showLock(): void {
  document.documentElement.classList.toggle('no-actions', !hasActions);
  const button = byId('unlock');
  setHidden(button, !hasActions);
  setText(button, session.admin === undefined ? 'Unlock actions' : 'Lock actions');
}

function signIn(event: Event): void {
  event.preventDefault();
  const field = byId<HTMLInputElement>('signin-token');
  session.read = field.value.trim();
  field.value = '';
  if (byId<HTMLInputElement>('signin-keep').checked) session.keep();
  looked = false;
  stream.retry();
}

function lockOrUnlock(): void {
  if (session.admin === undefined) actions.ask({ action: 'unlock' });
  else {
    session.forget();
    showLock();
  }
}

startTheme();
showLock();
byId('signin-form').addEventListener('submit', signIn);
byId('retry').addEventListener('click', () => stream.retry());
byId('unlock').addEventListener('click', lockOrUnlock);
byId('reset-all').addEventListener('click', () => actions.ask({ action: 'reset-all' }));
byId('clear').addEventListener('click', () => setView({ ...ALL, sort: table.view.sort }));
search.addEventListener('input', () => setView({ ...table.view, text: search.value }));
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !byId<HTMLDialogElement>('dialog').open) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape' && event.target === search) setView({ ...table.view, text: '' });
});
addEventListener('online', () => stream.retry());
setInterval(() => {
  ticks++;
  status.update();
  if (document.hidden || !store.known) return;
  table.tick(ticks % PAST_TICKS === 0);
  banner.update();
}, 1_000);
void stream.run();
