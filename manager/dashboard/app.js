// The dashboard: what it knows, and which view of it is shown. Views are functions of this one object.

import { announce, h, patch } from './dom.js';
import { Api, segment } from './api.js';
import { ask } from './dialog.js';
import { History } from './history.js';
import { Live } from './live.js';
import { readEvent, readStatus } from './model.js';
import { frame } from './frame.js';
import { SignIn, forgetToken, keepToken, keptToken } from './signin.js';
import { Revisions, revisions } from './revisions.js';
import { Steering, clients } from './clients.js';
import { events } from './events.js';
import { gateways, links } from './gateways.js';
import { overview } from './overview.js';
import { site, sites } from './sites.js';
import { empty } from './widgets.js';

const PAGE_EVENTS = 200;
const KEPT_EVENTS = 2000;
const ANNOUNCE_MS = 4000; // screen readers are told of news at most this often

class App {
  #root = document.getElementById('app');
  #due = false; // a rendering
  #live = null;
  #signIn = null;
  #mostLeft = new Map(); // of each drain: what it began with
  #untold = []; // events not yet announced
  #olderEvents = null;

  constructor() {
    this.theme = localStorage.getItem('ringway.theme') ?? 'auto';
    this.zone = localStorage.getItem('ringway.zone') ?? 'utc';
    this.changed = () => this.#renderSoon();
    this.#forget();
    this.#applyTheme();
    this.#readRoute();
    window.addEventListener('hashchange', () => this.#go());
    window.addEventListener('online', () => this.retryNow());
    setInterval(() => this.#each(), 1000);
    setInterval(() => this.#announceNews(), ANNOUNCE_MS);
    if (keptToken() === null) this.signOut();
    else this.#begin(keptToken());
  }

  #forget() {
    this.status = null;
    this.history = new History();
    this.events = [];
    this.revisions = null;
    this.steering = null;
    this.notice = null;
    this.live = { state: 'connecting', since: new Date(), retryAt: new Date() };
  }

  // --- Signed in, or not ---

  #begin(token) {
    keepToken(token);
    this.#signIn = null;
    this.api = new Api(token);
    this.revisions = new Revisions(this);
    this.steering = new Steering(this);
    this.#live = new Live(this.api, {
      onEvent: (name, value) => this.#take(name, value),
      onLive: () => this.#onLive(),
      onAway: (error, retryAt) => this.#onAway(retryAt),
      onRefused: (problem) => this.signOut(problem.message),
    });
    this.#live.run();
    this.changed();
  }

  signOut(reason = '') {
    forgetToken();
    this.#live?.stop();
    this.#live = null;
    this.#forget();
    this.#signIn = new SignIn({ changed: this.changed, done: (token) => this.#begin(token), reason });
    this.changed();
  }

  // --- What the manager tells ---

  #take(name, value) {
    if (name === 'status') this.#takeStatus(value);
    if (name === 'event') this.#untold.push(...this.#takeEvents([value], this.#olderEvents));
    if (name === 'gap') this.#loadEvents();
    if (name === 'revision') this.revisions.load();
    this.changed();
  }

  #takeStatus(told) {
    this.status = readStatus(told);
    this.live.since = new Date();
    this.history.take(this.status);
    const targets = new Set(this.status.drains.map((drain) => drain.target));
    for (const target of this.#mostLeft.keys()) if (!targets.has(target)) this.#mostLeft.delete(target);
    for (const drain of this.status.drains) {
      this.#mostLeft.set(drain.target, Math.max(drain.left || 0, this.#mostLeft.get(drain.target) ?? 0));
    }
  }

  /** Those that are new. `older`: where the page after them begins. */
  #takeEvents(told, older) {
    this.#olderEvents = older;
    const known = new Set(this.events.map((event) => event.number));
    const fresh = told.map(readEvent).filter((event) => Number.isNaN(event.number) || !known.has(event.number));
    const newest = (a, b) => b.number - a.number || new Date(b.time) - new Date(a.time);
    this.events = [...fresh, ...this.events].sort(newest).slice(0, KEPT_EVENTS);
    return fresh;
  }

  #onLive() {
    this.live = { state: 'live', since: new Date(), retryAt: new Date() };
    this.changed();
    this.revisions.load();
    this.#loadEvents();
  }

  async #loadEvents(more = '') {
    try {
      const { items, next } = await this.api.get(`/v1/events?limit=${PAGE_EVENTS}${more}`);
      this.#takeEvents(Array.isArray(items) ? items : [], next ?? null);
      this.changed();
    } catch (problem) {
      this.tell('bad', `The events cannot be read: ${problem.message}`);
    }
  }

  /** Whether there are events before those that are shown, and room for them. */
  get hasOlderEvents() {
    return this.#olderEvents !== null && this.events.length < KEPT_EVENTS;
  }

  loadOlderEvents() {
    this.#loadEvents(`&cursor=${segment(this.#olderEvents)}`);
  }

  #onAway(retryAt) {
    this.live = { state: 'away', since: this.live.since, retryAt };
    this.changed();
  }

  retryNow() {
    this.#live?.retryNow();
  }

  #announceNews() {
    const news = this.#untold.splice(0);
    const last = news.at(-1);
    if (last === undefined) return;
    const more = news.length > 1 ? `${news.length} new events. The last: ` : '';
    announce(`${more}${last.subject} ${last.text}`);
  }

  // --- What the operator does ---

  drainStart(drain) {
    return this.#mostLeft.get(drain.target) ?? drain.left;
  }

  async drain(target) {
    const body = h(
      'p',
      null,
      'New work goes elsewhere at once; what is in flight ends by itself. Undone by one press.',
    );
    if (await ask({ title: `Drain ${target}?`, body: [body], yes: 'Drain' })) {
      await this.#do('PUT', `/v1/drains/${segment(target)}`, `${target} is being drained.`);
    }
  }

  async undrain(target) {
    await this.#do('DELETE', `/v1/drains/${segment(target)}`, `${target} takes new work again.`);
  }

  async takeOver() {
    const body = h(
      'p',
      null,
      'Gateways use a revision that this manager’s history does not have: most likely its store was restored from ',
      'an older backup. After taking over they get what this manager has, as it stands now.',
    );
    if (await ask({ title: 'Take these gateways over?', body: [body], yes: 'Take over' })) {
      await this.#do('POST', '/v1/takeover', 'The gateways get what this manager has.');
    }
  }

  async #do(method, path, done) {
    try {
      await this.api.request(method, path);
      this.tell('good', done);
    } catch (problem) {
      this.tell('bad', problem.message);
    }
  }

  /** Nothing: what was told is taken away. */
  tell(level, text) {
    this.notice = level === undefined ? null : { level, text };
    this.changed();
  }

  choose(what, value) {
    this[what] = value;
    localStorage.setItem(`ringway.${what}`, value);
    this.#applyTheme();
    this.changed();
  }

  // --- What is shown ---

  #applyTheme() {
    if (this.theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }

  /** "#/sites/a" → ["sites", "a"] */
  #readRoute() {
    const path = window.location.hash.replace(/^#\/?/, '');
    try {
      this.route = path
        .split('/')
        .filter((part) => part !== '')
        .map(decodeURIComponent);
    } catch {
      this.route = [];
    }
  }

  /** A new view begins at its heading. */
  #go() {
    this.#readRoute();
    this.#render();
    window.scrollTo(0, 0);
    this.#root.querySelector('h1')?.focus({ preventScroll: true });
  }

  #each() {
    if (this.live.state === 'away') this.changed();
    if (this.route[0] === 'clients') this.steering?.load();
  }

  #renderSoon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#render();
    });
  }

  #render() {
    if (this.#signIn !== null) {
      document.title = 'Sign in – Ringway';
      patch(this.#root, [this.#signIn.view()]);
      return;
    }
    const concerns = this.status === null ? 0 : this.status.concerns.length;
    const name =
      this.route.length === 0 ? 'Overview' : this.route.map((part) => part[0].toUpperCase() + part.slice(1)).join(' ');
    document.title = `${concerns > 0 ? `(${concerns}) ` : ''}${name} – Ringway`;
    patch(
      this.#root,
      frame(this, this.#view()).filter((value) => value !== null),
    );
  }

  #view() {
    if (this.status === null) return h('p', { class: 'plain', key: 'wait' }, 'Waiting for the manager…');
    const [view, name] = this.route;
    switch (view) {
      case undefined:
        return overview(this);
      case 'sites':
        return name === undefined ? sites(this) : site(this, name);
      case 'gateways':
        return gateways(this);
      case 'links':
        return links(this);
      case 'clients':
        return clients(this);
      case 'revisions':
        return revisions(this, name);
      case 'events':
        return events(this);
      default:
        return h(
          'div',
          { key: 'lost' },
          h('h1', { tabindex: '-1' }, 'There is no such view'),
          empty('See the views above.'),
        );
    }
  }
}

new App();
