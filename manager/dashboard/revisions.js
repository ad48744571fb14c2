// Revisions: what was when, what differs, and the way back.

import { h } from './dom.js';
import { segment } from './api.js';
import { difference } from './diff.js';
import { count, dateTime, plural, timeElement } from './format.js';
import { ask } from './dialog.js';
import { badge, button, empty, panel } from './widgets.js';

/** What is known of the revisions; read anew whenever the manager tells of a new one. */
export class Revisions {
  #app;
  items = [];
  next = null; // where the page after these begins
  etag = ''; // of the head: a rollback is refused where it is another by then
  diff = null; // {number, changes} or {number, error}
  error = '';

  constructor(app) {
    this.#app = app;
  }

  async load() {
    await this.#read('/v1/revisions', []);
  }

  async more() {
    await this.#read(`/v1/revisions?cursor=${segment(this.next)}`, this.items);
  }

  async #read(path, before) {
    try {
      const { body, etag } = await this.#app.api.request('GET', path);
      this.items = [...before, ...(body.items ?? [])];
      this.next = body.next ?? null;
      this.etag = etag ?? '*';
      this.error = '';
    } catch (problem) {
      this.error = problem.message;
    }
    this.#app.changed();
  }

  async show(number) {
    if (this.diff?.number === number) return;
    this.diff = { number, changes: null };
    try {
      const { diff } = await this.#app.api.get(`/v1/revisions/${segment(number)}/diff`);
      if (this.diff.number === number) this.diff = { number, changes: diff ?? [] };
    } catch (problem) {
      if (this.diff.number === number) this.diff = { number, error: problem.message };
    }
    this.#app.changed();
  }

  /** Shows what would change, asks, and does it. */
  async rollBack(number) {
    const path = `/v1/revisions/${segment(number)}/rollback`;
    const { api } = this.#app;
    try {
      const trial = await api.request('POST', `${path}?dry_run`, { ifMatch: this.etag });
      const sure = await ask({
        title: `Roll back to revision ${number}?`,
        body: rollBackText(number, trial.body.diff ?? []),
        yes: 'Roll back',
        disabled: (trial.body.diff ?? []).length === 0,
      });
      if (!sure) return;
      const done = await api.request('POST', path, { ifMatch: trial.etag ?? this.etag });
      this.#app.tell('good', `Revision ${done.body.revision} has what was in revision ${number}.`);
      await this.load();
      window.location.hash = `#/revisions/${done.body.revision}`;
    } catch (problem) {
      const changed = problem.status === 412 ? 'Somebody has made another revision meanwhile; look at it first. ' : '';
      this.#app.tell('bad', `Not rolled back. ${changed}${problem.message}`);
      if (problem.status === 412) await this.load();
    }
  }
}

function rollBackText(number, changes) {
  if (changes.length === 0) return [h('p', null, 'All is as it was in it: there is nothing to change.')];
  return [
    h(
      'p',
      null,
      'A new revision is made of what was in it, and spreads in waves as any other. This would change ',
      `${plural(changes.length, 'resource')}:`,
    ),
    h('div', { class: 'dialog-diff' }, changes.map(resourceDiff)),
  ];
}

export function revisions(app, chosen) {
  const all = app.revisions;
  const number = chosen ?? (all.items[0] === undefined ? null : String(all.items[0].number));
  if (number !== null) all.show(number);
  return h(
    'div',
    { key: 'revisions' },
    h('h1', { tabindex: '-1' }, 'Revisions'),
    all.error !== '' && h('p', { class: 'reason' }, badge('bad', 'not read'), ` ${all.error}`),
    h(
      'div',
      { class: 'revisions' },
      panel(
        'All revisions',
        { key: 'list', aside: h('span', { class: 'quiet' }, `head: ${count(app.status.revision)}`) },
        all.items.length === 0 ? empty('There are no revisions yet.') : revisionList(app, number),
        all.next !== null && button('Older', () => all.more()),
      ),
      number !== null && detail(app, number),
    ),
  );
}

function revisionList(app, chosen) {
  return h(
    'ol',
    { class: 'revision-list' },
    app.revisions.items.map((revision) => {
      const number = String(revision.number);
      return h(
        'li',
        { key: number },
        h(
          'a',
          { href: `#/revisions/${number}`, 'aria-current': number === chosen ? 'true' : null },
          h('span', { class: 'revision-number' }, number),
          h(
            'span',
            { class: 'revision-text' },
            revision.message || plural(revision.changes, 'change'),
            h('span', { class: 'under' }, timeElement(revision.time, app.zone), ` by ${revision.author}`),
          ),
        ),
      );
    }),
  );
}

function detail(app, number) {
  const { diff, items } = app.revisions;
  const revision = items.find((each) => String(each.number) === number);
  const head = String(app.status.revision) === number;
  const aside = head ? badge('good', 'the newest') : button('Roll back to this…', () => app.revisions.rollBack(number));
  return panel(
    `Revision ${number}`,
    { key: 'detail', aside },
    revision !== undefined &&
      h(
        'p',
        { class: 'quiet' },
        `${dateTime(revision.time, app.zone)} by ${revision.author}`,
        revision.message && `: ${revision.message}`,
      ),
    revision !== undefined && h('p', { class: 'hash' }, h('span', { class: 'quiet' }, 'hash '), revision.hash),
    diff?.error && h('p', { class: 'reason' }, diff.error),
    diff?.changes?.length === 0 && empty('It changed nothing.'),
    (diff?.changes ?? []).map(resourceDiff),
  );
}

// --- A diff, by key ---

function resourceDiff({ kind, name, before, after }) {
  const [level, word] = before === null ? ['good', 'added'] : after === null ? ['bad', 'removed'] : ['idle', 'changed'];
  return h(
    'section',
    { class: 'diff', key: `${kind}/${name}` },
    h('h3', null, h('span', { class: 'quiet' }, `${kind}/`), name, badge(level, word)),
    h(
      'div',
      { class: 'table-scroll', role: 'region', tabindex: '0', 'aria-label': `What changed of ${kind}/${name}` },
      h(
        'table',
        null,
        h('caption', { class: 'unseen' }, `What changed of ${kind}/${name}`),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, 'Key'),
            h('th', { scope: 'col' }, 'Before'),
            h('th', { scope: 'col' }, 'After'),
          ),
        ),
        h(
          'tbody',
          null,
          difference(before, after).map((row) =>
            h(
              'tr',
              { key: row.path },
              h('th', { scope: 'row' }, row.path),
              h('td', null, side(row.before, '−', 'del')),
              h('td', null, side(row.after, '+', 'ins')),
            ),
          ),
        ),
      ),
    ),
  );
}

function side(text, sign, tag) {
  if (text === null) return h('span', { class: 'quiet' }, 'absent');
  return h(tag, null, h('span', { class: 'sign', 'aria-hidden': 'true' }, sign), text);
}
