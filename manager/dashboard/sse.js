// Server-sent events out of pieces of text (WHATWG HTML §9.2.6). Sans-IO.

const MAX_UNFINISHED = 64 * 1024 * 1024; // characters: of a stream that sends no end of line

export class EventParser {
  #unread = '';
  #name = '';
  #data = [];

  /** What is whole by now, as [{name, data}]. */
  push(text) {
    this.#unread += text;
    if (this.#unread.length > MAX_UNFINISHED) throw new Error('an event without an end');
    const events = [];
    const lines = this.#unread.split(/\r\n|\n|\r(?!$)/);
    this.#unread = lines.pop();
    for (const line of lines) this.#take(line, events);
    return events;
  }

  #take(line, events) {
    if (line === '') {
      if (this.#data.length > 0) events.push({ name: this.#name || 'message', data: this.#data.join('\n') });
      this.#name = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
  }
}
