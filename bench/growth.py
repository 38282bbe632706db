"""How costs grow, each curve with what explains it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import plots
from results import LIMIT, Results
from workers import OURS, Key

Points = dict[int, float]

# Less than this for each issuer more is no list that is searched, in ns.
SEARCHED = 0.5


def section(found: Results, folder: Path, name: str) -> str:
    """The curves, their tables and their words."""
    parts = [
        """## How it grows

Tokens of HS256, whose bare operation takes the least and hides the least of what is ours. Dotted is the limit: the
bare operation on the same tokens.
"""
    ]
    for curve, title, axis, words in (
        ("size", "The size of the token", "octets of the token", _size),
        ("keys", "The number of keys", "keys of the issuer", _keys),
        ("issuers", "The number of issuers", "issuers of the validator", _issuers),
        ("cache", "The number of tokens that are remembered", "tokens remembered", _cache),
    ):
        points = {subject: curve_of(found, curve, subject) for subject in (OURS, LIMIT, "jsonwebtoken")}
        points = {subject: of for subject, of in points.items() if of}
        if len(points.get(OURS, {})) < 2:
            continue
        plots.curve(points, axis, folder / f"growth-{curve}.svg")
        parts.append(_part(title, name, curve, axis, points, words(points)))
    threads = {subject: _by_threads(found, subject) for subject in (OURS, LIMIT)}
    if all(threads.values()):
        plots.curve(threads, "threads", folder / "growth-threads.svg", unit="thousand validations a second", log=False)
        parts.append(_part("The number of threads", name, "threads", "threads", threads, _threads(threads)))
    return "\n".join(parts)


def curve_of(found: Results, curve: str, subject: str) -> Points:
    """Times by the number that grows."""
    points = {}
    for key, sample in found.times.items():
        group, _, at = key.case.rpartition("/")
        if group == f"growth/{curve}" and key.subject == subject:
            points[int(at)] = sample.median
    return dict(sorted(points.items()))


def slope(points: Points) -> float:
    """By how much it grows for each one more, between the first and the last."""
    first, last = min(points), max(points)
    return (points[last] - points[first]) / (last - first)


def _part(title: str, folder: str, curve: str, axis: str, points: dict[str, Points], words: str) -> str:
    heads = sorted({at for of in points.values() for at in of})
    lines = [["", *(f"{at:,}" for at in heads)], ["---"] * (len(heads) + 1)]
    for subject, of in points.items():
        mark = "**" if subject == OURS else "*" if subject == LIMIT else ""
        cells = [f"{mark}{of[at]:.3g}{mark}" if at in of else "–" for at in heads]
        lines.append([f"{mark}{subject}{mark}", *cells])
    table = "".join("| " + " | ".join(line) + " |\n" for line in lines)
    return f"### {title}\n\n![{title}: {axis}]({folder}/growth-{curve}.svg)\n\n{table}\n{textwrap.fill(words, 120, break_on_hyphens=False)}\n"


def _size(points: dict[str, Points]) -> str:
    ours, limit = slope(points[OURS]) * 1000, slope(points[LIMIT]) * 1000
    peer = points.get("jsonwebtoken")
    beside = f" jsonwebtoken takes {slope(peer) * 1000:.2f} ns." if peer else ""
    return (
        f"A straight line: each octet of a token costs {ours:.2f} ns, {limit:.2f} ns of it for the digest of what is signed.{beside} "
        "The rest reads base64url, checks that the text is UTF-8 and goes over the JSON once; nothing goes over it twice, "
        "and names are compared with others of the same object only. A token over `max_token_bytes`, 16,384 unless set, is "
        "refused before any of this."
    )


def _keys(points: dict[str, Points]) -> str:
    ours = points[OURS]
    most = max(ours)
    more = (ours[most] - ours[min(ours)]) * 1000
    return (
        f"Flat but for the memory: with {most} keys a validation takes {more:.0f} ns more than with one. The key is found by "
        "its `kid`, which is looked up and not searched for; what is paid for is that more prepared keys take more of the "
        "processor's caches. Nothing is tried by way of keys that the token does not name."
    )


def _issuers(points: dict[str, Points]) -> str:
    ours = points[OURS]
    most, first = max(ours), min(ours)
    each = slope(ours) * 1000
    if each > SEARCHED:
        return (
            f"Issuers are compared one after the other: each costs {each:.1f} ns, {ours[most] - ours[first]:.1f} µs for {most:,}. "
            "Up to a hundred it cannot be told from the rest. Whoever has thousands of tenants gives a resolver or a "
            "pattern of tenants instead of a list."
        )
    return (
        f"Flat but for the memory: with {most:,} issuers a validation takes {(ours[most] - ours[first]) * 1000:.0f} ns more than with "
        "one. The issuer is looked up by its identifier; what is paid for is that more prepared keys and policies take "
        "more of the processor's caches."
    )


def _cache(points: dict[str, Points]) -> str:
    ours = points[OURS]
    few, most = ours[min(ours)], ours[max(ours)]
    return (
        f"A hit looks at one set of few places, however many there are. What grows from {few * 1000:.0f} ns to {most * 1000:.0f} ns is "
        "the memory: tokens come in an order in which the processor cannot guess the next one, and once all of them with "
        "their entries are larger than its caches, the text of the token, the place, and what is kept of it have to be "
        "waited for. That is still less than any signature."
    )


def _threads(threads: dict[str, Points]) -> str:
    ours, limit = threads[OURS], threads[LIMIT]
    most = max(ours)
    return (
        f"EdDSA, cold, each thread with tokens of its own. {most} threads do {ours[most] / ours[1]:.2f} times what one does; the bare "
        f"verification, which shares nothing at all, {limit[most] / limit[1]:.2f} times. Keys, policy and the memory of headers are "
        "only read, so that threads wait for nobody."
    )


def _by_threads(found: Results, subject: str) -> Points:
    walls = found.walls.get(Key("rust", "EdDSA/threads/cold", subject), {})
    return {threads: threads / sample.median * 1000 for threads, sample in sorted(walls.items())}
