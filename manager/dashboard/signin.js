// Who asks: an API token, kept for as long as this tab is open. The one-time token of a manager's first start is
// exchanged for a lasting one, which is shown once.

import { h } from './dom.js';
import { Api } from './api.js';
import { logo } from './frame.js';
import { badge, button } from './widgets.js';

const KEPT = 'ringway.token';
const LIFE = '90d';

export const keptToken = () => sessionStorage.getItem(KEPT);
export const keepToken = (token) => sessionStorage.setItem(KEPT, token);
export const forgetToken = () => sessionStorage.removeItem(KEPT);

export class SignIn {
  #changed;
  #done;
  #busy = false;
  #made = null; // a token to be shown once

  /** `done(token)`: the manager knows it. */
  constructor({ changed, done, reason = '' }) {
    this.#changed = changed;
    this.#done = done;
    this.reason = reason;
  }

  async #submit(event) {
    event.preventDefault();
    const field = event.currentTarget.elements.token;
    const token = field.value.trim();
    if (token === '' || this.#busy) return;
    this.#set({ busy: true, reason: '' });
    try {
      await this.#tryToken(token);
    } catch (problem) {
      this.#set({ busy: false, reason: reasonOf(problem) });
      field.focus();
      field.select();
    }
  }

  /** A one-time token may do nothing but be exchanged: any other one is refused there. */
  async #tryToken(token) {
    const api = new Api(token);
    try {
      await api.get('/v1/status');
    } catch (problem) {
      if (problem.status !== 403) throw problem;
      this.#made = await exchanged(api, problem);
      this.#set({ busy: false, reason: '' });
      return;
    }
    this.#done(token);
  }

  #set({ busy, reason }) {
    this.#busy = busy;
    this.reason = reason;
    this.#changed();
  }

  view() {
    return h(
      'main',
      { id: 'main', class: 'sign-in', key: 'sign-in' },
      h('div', { class: 'sign-in-box' }, logo(), this.#made === null ? this.#form() : this.#madeToken()),
    );
  }

  #form() {
    return h(
      'form',
      { key: 'form', on: { submit: (event) => this.#submit(event) } },
      h('h1', null, 'Sign in'),
      h('label', { for: 'token' }, 'API token'),
      h('input', {
        id: 'token',
        name: 'token',
        type: 'password',
        autocomplete: 'off',
        spellcheck: 'false',
        required: true,
        autofocus: true,
        'aria-describedby': 'token-help token-reason',
        'aria-invalid': this.reason !== '' ? 'true' : null,
      }),
      h(
        'p',
        { id: 'token-help', class: 'quiet' },
        'A token of your own, or the one-time token that the manager told at its first start.',
      ),
      h('p', { id: 'token-reason', role: 'alert' }, this.reason !== '' && [badge('bad', 'refused'), ` ${this.reason}`]),
      h(
        'button',
        { type: 'submit', class: 'button primary', disabled: this.#busy },
        this.#busy ? 'One moment…' : 'Sign in',
      ),
    );
  }

  #madeToken() {
    const token = this.#made;
    const copy = (event) => copyText(event.currentTarget, token);
    return h(
      'div',
      { key: 'made' },
      h('h1', { tabindex: '-1' }, 'Your token'),
      h(
        'p',
        null,
        'The one-time token is used up. This is your lasting one: an owner’s, good for 90 days. ',
        h('strong', null, 'It is not shown again'),
        ', so put it where you keep such things.',
      ),
      h('p', null, h('output', { class: 'token', id: 'new-token', 'aria-label': 'New token' }, token)),
      h(
        'div',
        { class: 'row' },
        button('Copy', copy),
        button('I have kept it: go on', () => this.#done(token), { kind: 'primary' }),
      ),
    );
  }
}

async function exchanged(api, refusal) {
  const body = { role: 'owner', description: 'made at the first sign-in', life: LIFE };
  try {
    return (await api.request('POST', '/v1/tokens/exchange', { body })).body.token;
  } catch (problem) {
    throw problem.status === 403 ? refusal : problem;
  }
}

function reasonOf(problem) {
  return [problem.message, ...(problem.faults ?? []).map((fault) => fault.message)].join('; ');
}

async function copyText(control, text) {
  try {
    await navigator.clipboard.writeText(text);
    control.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(document.getElementById('new-token')); // without TLS there is no clipboard
    control.textContent = 'Selected: press Ctrl+C';
  }
}
