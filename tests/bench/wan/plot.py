"""The page loads as a picture: an SVG that reads well on light and on dark ground."""

import math
from xml.sax.saxutils import escape

from cells import PAGE_CONDITIONS
from laboratory import HTML_OCTETS, OBJECTS_OCTETS
from peers import DIRECT, OTHERS, OWN, OWN_OVER_TCP

WIDTH, HEIGHT = 960, 540
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 118, 40
LEAST_MS, MOST_MS = 250, 20_000
TICKS_MS = (300, 500, 1000, 2000, 5000, 10_000, 20_000)
# Heads of requests and answers, packets' own and TLS's, as part of the content.
OVERHEAD = 1.065

# Of each family: on light ground, on dark ground. Chosen to stay apart for most kinds of colour blindness.
COLOURS = {OWN: ("#d1242f", "#ff7b72"), "haproxy": ("#0969da", "#58a6ff"), "nghttpx": ("#1a7f37", "#56d364"),
           "nginx": ("#9a6700", "#e3b341"), "kcptun": ("#8250df", "#bc8cff"), DIRECT: ("#57606a", "#a0a8b0")}
LABELS = {"0%": "no loss", "1%": "1 % loss", "3%": "3 % loss", "burst": "1 % in bursts", "200ms": "200 ms, 1 %",
          "10Mbit": "10 Mbit/s, 1 %", "jitter": "10 ms jitter"}


def family_of(peer):
    return OWN if peer.startswith(OWN) else peer.split("-")[0]


def hollow(peer):
    return peer.endswith("-cubic") or peer == OWN_OVER_TCP


def colours_on(ground, text, faint, index):
    """The style rules of one ground: `index` chooses each family's colour."""
    families = " ".join(f".{name}{{stroke:{colours[index]};fill:{colours[index]}}}"
                        for name, colours in COLOURS.items())
    return (f".ground{{fill:{ground}}} text{{fill:{text}}} .faint{{fill:{faint}}} .limit{{stroke:{text}}} "
            f".grid{{stroke:{faint};stroke-opacity:.35}} {families} .hollow{{fill:{ground}}}")


def style():
    return ("<style>text{font:13px system-ui,sans-serif} .title{font-size:16px;font-weight:600} .mark{stroke-width:2} "
            ".spread{stroke-width:2;stroke-opacity:.55}\n"
            f"{colours_on('#ffffff', '#1f2328', '#59636e', 0)}\n"
            f"@media (prefers-color-scheme:dark){{{colours_on('#0d1117', '#e6edf3', '#9198a1', 1)}}}</style>")


def height_of(milliseconds):
    share = math.log(min(max(milliseconds, LEAST_MS), MOST_MS) / LEAST_MS) / math.log(MOST_MS / LEAST_MS)
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def text(x, y, words, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def mark(x, y, peer):
    """A dot, larger for Ringway; only its rim for CUBIC."""
    radius = 6.5 if family_of(peer) == OWN else 4.5
    fill = " hollow" if hollow(peer) else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="mark {family_of(peer)}{fill}"/>'


def limit_ms(condition):
    """Two round trips and the octets at the path's rate: nothing can be quicker."""
    return 2 * condition.rtt_ms + (HTML_OCTETS + OBJECTS_OCTETS) * OVERHEAD * 8e-3 / condition.rate_mbit


def measured(cells, name):
    """Those with page loads under that condition, in the order of the picture."""
    return [peer for peer in (OWN, OWN_OVER_TCP, *OTHERS) if "ms" in cells.get(f"page/{name}/{peer}", {})]


def label_of(peer):
    special = {OWN: "Ringway", OWN_OVER_TCP: "over TCP", "kcptun": "nginx over kcptun"}
    return special.get(peer) or " ".join([peer.split("-")[0], peer.split("-")[1].upper()])


def legend(cells):
    shown = {peer for name in PAGE_CONDITIONS for peer in measured(cells, name)}
    parts, x, y = [], LEFT, 72
    for peer in (OWN, OWN_OVER_TCP, *OTHERS):
        if peer not in shown:
            continue
        label = label_of(peer)
        if x + 30 + 7.2 * len(label) > WIDTH - RIGHT:
            x, y = LEFT, y + 22
        parts += [mark(x + 6, y - 4.5, peer), text(x + 18, y, label)]
        x += 32 + 7.2 * len(label)
    parts += [line(x, y - 4.5, x + 18, y - 4.5, "limit"), text(x + 24, y, "the path's limit")]
    return parts


def column(cells, name, condition, left, width):
    """One condition: its limit, and each peer's median with a line up to its 95th percentile."""
    parts = [line(left + 6, height_of(limit_ms(condition)), left + width - 6, height_of(limit_ms(condition)), "limit"),
             text(left + width / 2, HEIGHT - BOTTOM + 22, LABELS[name], "middle")]
    shown = measured(cells, name)
    for number, peer in enumerate(shown):
        found = cells[f"page/{name}/{peer}"]["ms"]
        x = left + width * (number + 1) / (len(shown) + 1)
        parts += [line(x, height_of(found["p50"]), x, height_of(found["p95"]), f"spread {family_of(peer)}"),
                  mark(x, height_of(found["p50"]), peer)]
        if peer == OWN:
            parts.append(text(left + 6, height_of(found["p50"]) + 22, f"{found['p50']:.0f}"))
    return parts


def picture(cells):
    width = (WIDTH - LEFT - RIGHT) / len(PAGE_CONDITIONS)
    parts = [text(LEFT, 24, "Time of a page (61 parts, 1.02 MB) over 50 Mbit/s and 80 ms", kind="title"),
             text(LEFT, 44, "Milliseconds on a logarithmic scale: the median, and a line up to the 95th percentile.",
                  kind="faint"),
             *legend(cells)]
    for tick in TICKS_MS:
        parts += [line(LEFT, height_of(tick), WIDTH - RIGHT, height_of(tick), "grid"),
                  text(LEFT - 8, height_of(tick) + 4, f"{tick}", "end", "faint")]
    for number, (name, condition) in enumerate(PAGE_CONDITIONS.items()):
        if number:
            parts.append(line(LEFT + number * width, TOP, LEFT + number * width, HEIGHT - BOTTOM, "grid"))
        parts += column(cells, name, condition, LEFT + number * width, width)
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="Page load times of Ringway and its peers">\n{style()}\n'
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>\n{body}\n</svg>\n')
