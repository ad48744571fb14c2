// What stands around every view: the head with the state of the connection, and the ways to the views.

import { h } from './dom.js';
import { clockTime, count, duration, zoneName } from './format.js';
import { badge, button } from './widgets.js';

const VIEWS = [
  ['', 'Overview'],
  ['sites', 'Sites'],
  ['gateways', 'Gateways'],
  ['links', 'Links'],
  ['clients', 'Clients'],
  ['revisions', 'Revisions'],
  ['events', 'Events'],
];
const THEMES = { auto: 'Theme: auto', light: 'Theme: light', dark: 'Theme: dark' };

export function logo() {
  return h(
    'span',
    { class: 'logo' },
    h(
      'svg',
      { viewBox: '0 0 24 24', width: 22, height: 22, 'aria-hidden': 'true' },
      h('path', { d: 'M12 3A9 9 0 1 1 4.2 7.5', 'stroke-width': 3 }),
      h('path', { d: 'M12 8.5A3.5 3.5 0 1 1 9 10.2', 'stroke-width': 2.4 }),
    ),
    'Ringway',
  );
}

export function frame(app, view) {
  return [
    skipLink(),
    head(app),
    ways(app),
    banner(app),
    notices(app),
    h('main', { id: 'main', tabindex: '-1', key: 'main' }, view),
  ];
}

function skipLink() {
  const skip = (event) => {
    event.preventDefault();
    document.getElementById('main').focus();
  };
  return h('a', { class: 'skip', href: '#main', key: 'skip', on: { click: skip } }, 'To the content');
}

function head(app) {
  const { status } = app;
  return h(
    'header',
    { class: 'head', key: 'head' },
    logo(),
    status !== null &&
      h(
        'span',
        { class: 'manager' },
        h('span', { class: 'clip', title: status.manager }, status.manager),
        status.leads
          ? badge('good', 'leads')
          : badge('idle', status.leader === '' ? 'no leader' : `follows ${status.leader}`),
      ),
    h('span', { class: 'grow' }),
    connection(app),
    choices(app),
  );
}

function connection({ live, status, zone }) {
  if (live.state === 'live') {
    return h(
      'span',
      { class: 'live', key: 'live' },
      badge('good', 'live'),
      h('span', { class: 'clock' }, status === null ? '' : clockTime(status.time, zone)),
    );
  }
  return h(
    'span',
    { class: 'live', key: 'live' },
    badge(live.state === 'away' ? 'bad' : 'idle', live.state === 'away' ? 'not live' : 'connecting'),
  );
}

function choices(app) {
  const theme = (event) => app.choose('theme', event.target.value);
  const zone = (event) => app.choose('zone', event.target.value);
  const option =
    (chosen) =>
    ([value, words]) =>
      h('option', { value, key: value, prop: { selected: value === chosen } }, words);
  const zones = { utc: 'Times: UTC', local: `Times: here (${zoneName('local')})` };
  return h(
    'div',
    { class: 'choices', key: 'choices' },
    h('select', { 'aria-label': 'Time zone', on: { change: zone } }, Object.entries(zones).map(option(app.zone))),
    h('select', { 'aria-label': 'Theme', on: { change: theme } }, Object.entries(THEMES).map(option(app.theme))),
    button('Sign out', () => app.signOut(), { kind: 'small' }),
  );
}

function ways(app) {
  const here = app.route[0] ?? '';
  const concerns = app.status === null ? 0 : app.status.concerns.length;
  return h(
    'nav',
    { class: 'ways', 'aria-label': 'Views', key: 'ways' },
    h(
      'ul',
      null,
      VIEWS.map(([path, title]) =>
        h(
          'li',
          { key: title },
          h(
            'a',
            { href: `#/${path}`, 'aria-current': here === path ? 'page' : null },
            title,
            path === '' &&
              concerns > 0 &&
              h('span', { class: 'bubble' }, count(concerns), h('span', { class: 'unseen' }, ' need attention')),
          ),
        ),
      ),
    ),
  );
}

function banner(app) {
  const { live } = app;
  if (live.state !== 'away') return null;
  const left = Math.max(0, Math.ceil((live.retryAt - Date.now()) / 1000));
  return h(
    'div',
    { class: 'banner', key: 'banner' },
    h(
      'p',
      { role: 'alert' },
      h('strong', null, `Not live since ${clockTime(live.since, app.zone)}.`),
      ' What you see is as it was then; the gateways go on without the manager.',
    ),
    h(
      'p',
      null,
      left > 0 ? `Next try in ${duration(left)}.` : 'Trying…',
      ' ',
      button('Try now', () => app.retryNow(), { kind: 'small' }),
    ),
  );
}

function notices(app) {
  if (app.notice === null) return null;
  const { level, text } = app.notice;
  return h(
    'div',
    { class: `notice ${level}`, role: level === 'bad' ? 'alert' : 'status', key: 'notice' },
    badge(level, level === 'bad' ? 'failed' : 'done'),
    h('span', null, text),
    button('Close', () => app.tell(), { kind: 'small' }),
  );
}
