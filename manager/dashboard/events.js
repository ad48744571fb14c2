// What happened: the manager's events, the newest first.

import { h } from './dom.js';
import { count, timeElement, zoneName } from './format.js';
import { button, empty, panel } from './widgets.js';

let chosen = ''; // a kind; empty: all

export function events(app) {
  const kinds = [...new Set(app.events.map((event) => event.kind))].sort();
  const shown = app.events.filter((event) => chosen === '' || event.kind === chosen);
  const choose = (kind) => () => {
    chosen = kind;
    app.changed();
  };
  const choice = (kind, words) =>
    button(words, choose(kind), { kind: 'choice', 'aria-pressed': String(chosen === kind) });
  return h(
    'div',
    { key: 'all-events' },
    h('h1', { tabindex: '-1' }, 'Events'),
    panel(
      'What happened',
      {
        key: 'what-happened',
        aside: h('span', { class: 'quiet' }, `the last ${count(shown.length)}; times are ${zoneName(app.zone)}`),
      },
      h(
        'div',
        { class: 'tools', role: 'group', 'aria-label': 'Kinds of events' },
        choice('', 'All'),
        kinds.map((kind) => choice(kind, kind || 'other')),
      ),
      eventList(app, shown),
      app.hasOlderEvents && button('Older', () => app.loadOlderEvents()),
    ),
  );
}

export function eventList(app, shown) {
  if (shown.length === 0) return empty('Nothing has happened yet.');
  return h(
    'ol',
    { class: 'events' },
    shown.map((event) =>
      h(
        'li',
        { key: `e${event.number} ${event.time}` },
        timeElement(event.time, app.zone),
        h('span', { class: 'kind' }, event.kind),
        h('span', { class: 'event-text' }, h('strong', null, event.subject), ` ${event.text}`),
      ),
    ),
  );
}
