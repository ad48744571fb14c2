// The last minutes of what is measured, kept in the browser alone.

export const KEPT_SECONDS = 300;

/** One value a second; what is not known is NaN. */
class Series {
  #values = new Float64Array(KEPT_SECONDS).fill(NaN);
  #end = 0; // second of the newest value, exclusive

  add(second, value) {
    if (second < this.#end - KEPT_SECONDS) return;
    const from = Math.max(this.#end, second - KEPT_SECONDS);
    for (let gap = from; gap < second; gap += 1) this.#values[gap % KEPT_SECONDS] = NaN;
    this.#values[second % KEPT_SECONDS] = value;
    this.#end = Math.max(this.#end, second + 1);
  }

  /** The last first come last; `seconds` of them, the unknown as NaN. */
  last(seconds, now) {
    const values = [];
    for (let second = now - seconds + 1; second <= now; second += 1) {
      const known = second < this.#end && second >= this.#end - KEPT_SECONDS && second >= 0;
      values.push(known ? this.#values[second % KEPT_SECONDS] : NaN);
    }
    return values;
  }
}

export class History {
  #sites = new Map(); // name → {requests, errors, p95}
  #total = new Series();
  now = 0; // second of the last status

  take(status) {
    this.now = Math.floor(status.time.getTime() / 1000);
    this.#total.add(this.now, status.totals.requests);
    const known = this.#sites;
    this.#sites = new Map();
    for (const site of status.sites) {
      const kept = known.get(site.name) ?? { requests: new Series(), errors: new Series(), p95: new Series() };
      kept.requests.add(this.now, site.requests);
      kept.errors.add(this.now, site.errors);
      kept.p95.add(this.now, site.p95);
      this.#sites.set(site.name, kept);
    }
  }

  total(seconds = KEPT_SECONDS) {
    return this.#total.last(seconds, this.now);
  }

  /** `what`: requests, errors or p95. */
  site(name, what, seconds = KEPT_SECONDS) {
    return this.#sites.get(name)?.[what].last(seconds, this.now) ?? [];
  }

  /** Of the last half minute: an order by it does not jump about. */
  mean(name, what) {
    const known = this.site(name, what, 30).filter((value) => !Number.isNaN(value));
    return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  }
}
