// Following the manager's stream of events, and coming back to it whenever it breaks off.
//
//   connecting ──first event──▶ live ──broken off, or silent──▶ away ──back-off──▶ connecting

import { EventParser } from './sse.js';

const SILENCE_MS = 6000; // a status comes each second
const LONGEST_BACK_OFF_MS = 30000;

/** Doubles from half a second; half of it by chance, so that many pages do not come at once. */
export function backOff(failures, chance = Math.random()) {
  const whole = Math.min(LONGEST_BACK_OFF_MS, 1000 * 2 ** failures);
  return whole * (0.5 + chance / 2);
}

export class Live {
  #api;
  #handlers;
  #stopped = false;
  #aborter = null;
  #wake = () => {};

  /**
   * `handlers`: onEvent(name, value), onLive(), onAway(error, retryAt) and onRefused(problem), after which it does
   * not try again.
   */
  constructor(api, handlers) {
    this.#api = api;
    this.#handlers = handlers;
  }

  async run() {
    for (let failures = 0; !this.#stopped; failures += 1) {
      let error = new Error('the manager ended the stream');
      try {
        await this.#follow(() => {
          failures = 0;
        });
      } catch (thrown) {
        error = thrown;
      }
      if (this.#stopped) return;
      if (error.status === 401 || error.status === 403) {
        this.#handlers.onRefused(error);
        return;
      }
      const wait = backOff(failures);
      this.#handlers.onAway(error, new Date(Date.now() + wait));
      await this.#pause(wait);
    }
  }

  /** Does not wait for the back-off's end. */
  retryNow() {
    this.#wake();
  }

  stop() {
    this.#stopped = true;
    this.#aborter?.abort();
    this.#wake();
  }

  async #follow(onFirst) {
    const aborter = new AbortController();
    this.#aborter = aborter;
    let silence = setTimeout(() => aborter.abort(), SILENCE_MS);
    try {
      const reader = await this.#api.stream(aborter.signal);
      const decoder = new TextDecoder();
      const parser = new EventParser();
      let first = true;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => aborter.abort(), SILENCE_MS);
        for (const event of parser.push(decoder.decode(value, { stream: true }))) {
          if (first) {
            first = false;
            onFirst();
            this.#handlers.onLive();
          }
          this.#handlers.onEvent(event.name, JSON.parse(event.data));
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
