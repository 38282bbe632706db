"""What a run found, and how it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rounds import Sample
from workers import OURS, Key

# The limit of all languages: the bare operation of the backend that the core uses, with a prepared key.
LIMIT_LANGUAGE, LIMIT = "rust", "aws-lc-rs"

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "HS256")
ASYMMETRIC = ALGORITHMS[:4]
LANGUAGES = ("rust", "c", "python", "node")


@dataclass
class Results:
    """Everything that was measured."""

    # CPU time of one call.
    times: dict[Key, Sample] = field(default_factory=dict)
    # Elapsed time of one call of a thread, by the number of threads.
    walls: dict[Key, dict[int, Sample]] = field(default_factory=dict)
    verdicts: dict[Key, dict[str, Any]] = field(default_factory=dict)
    # What was found out once, by its name.
    facts: dict[str, Any] = field(default_factory=dict)

    def time(self, language: str, case: str, subject: str = OURS) -> float | None:
        """The median of CPU times."""
        sample = self.times.get(Key(language, case, subject))
        return None if sample is None else sample.median

    def limit(self, case: str) -> float | None:
        """The bare operation that is the limit of a case."""
        parts = case.split("/")
        if parts[0] == "growth":
            return self.time(LIMIT_LANGUAGE, case, LIMIT)
        return self.time(LIMIT_LANGUAGE, f"{parts[0]}/{parts[1]}/raw", LIMIT)

    def peers(self, key: Key) -> dict[str, float]:
        """Medians of the libraries that do what our subject does.

        Where a form has no others, since only ours has it, they are those of the language's other forms.
        """
        own = self._others(lambda other: other.case == key.case and other.language == key.language)
        if own or key.form.endswith(("/hit", "/hit-fresh", "/batch")) or key.algorithm == "growth":
            return own
        return self._others(
            lambda other: (
                other.group == key.group
                and other.language == key.language
                and not other.form.endswith(("/raw", "/hit", "/hit-fresh", "/batch"))
            )
        )

    def scaling(self, language: str, case: str, subject: str = OURS, threads: int = 2) -> float | None:
        """How much more is done by so many threads than by one."""
        walls = self.walls.get(Key(language, case, subject), {})
        if 1 not in walls or threads not in walls:
            return None
        return threads * walls[1].median / walls[threads].median

    def _others(self, wanted: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        for key, sample in self.times.items():
            if wanted(key) and key.subject not in (OURS, LIMIT):
                found[key.subject] = min(sample.median, found.get(key.subject, sample.median))
        return found

    def rows(self) -> list[dict[str, Any]]:
        """What `latest.json` holds: each of our times beside the limit's and the best peer's."""
        rows = []
        for key in sorted(self.times):
            if key.subject != OURS:
                continue
            ours, limit, peers = self.times[key].median, self.limit(key.case), self.peers(key)
            best = min(peers, key=lambda name: peers[name], default=None)
            rows.append(
                {
                    "id": f"{key.language}/{key.case}",
                    "ours_us": rounded(ours),
                    "limit_us": rounded(limit),
                    "ratio_to_limit": rounded(ratio(ours, limit)),
                    "best_peer": best,
                    "peer_us": rounded(peers[best]) if best else None,
                    "ratio_to_peer": rounded(ratio(ours, peers[best])) if best else None,
                }
            )
        return rows

    def dump(self, path: Path) -> None:
        """Writes everything down, for pages that are made later."""
        sample = lambda found: list(found.times)  # noqa: E731
        text = {
            "times": [[*_parts(key), sample(found)] for key, found in self.times.items()],
            "walls": [
                [*_parts(key), threads, sample(found)]
                for key, by in self.walls.items()
                for threads, found in by.items()
            ],
            "verdicts": [[*_parts(key), verdict] for key, verdict in self.verdicts.items()],
            "facts": self.facts,
        }
        path.write_text(json.dumps(text))

    @classmethod
    def load(cls, path: Path) -> Results:
        """What was written down."""
        text = json.loads(path.read_text())
        results = cls(facts=text["facts"])
        for *parts, times in text["times"]:
            results.times[Key(*parts)] = Sample(tuple(times))
        for *parts, threads, times in text["walls"]:
            results.walls.setdefault(Key(*parts), {})[threads] = Sample(tuple(times))
        for *parts, verdict in text["verdicts"]:
            results.verdicts[Key(*parts)] = verdict
        return results


def ratio(value: float | None, to: float | None) -> float | None:
    """One divided by the other, where both are there."""
    return None if value is None or not to else value / to


def rounded(value: float | None) -> float | None:
    """Four digits that count."""
    return None if value is None else float(f"{value:.4g}")


def worst_verdicts(verdicts: dict[Key, dict[str, Any]]) -> list[str]:
    """What our own subjects are wrong about, which no run goes on with."""
    wrong = []
    for key, verdict in verdicts.items():
        if key.subject != OURS:
            continue
        accepted = [] if verdict["good"] else ["a good token"]
        missed = [f"a bad token ({what})" for what, refused in verdict["bad"].items() if not refused]
        wrong += [f"{key.language}/{key.case} is wrong about {what}" for what in accepted + missed]
    return wrong


def dropped(verdicts: dict[Key, dict[str, Any]]) -> set[Key]:
    """Subjects whose times mean nothing: they do not accept what is good."""
    return {key for key, verdict in verdicts.items() if not verdict["good"]}


def lets_through(verdicts: dict[Key, dict[str, Any]], keys: Iterable[Key]) -> list[str]:
    """Which bad tokens a subject accepts, in any case of its own."""
    found = {what for key in keys for what, refused in verdicts.get(key, {"bad": {}})["bad"].items() if not refused}
    return sorted(found)


def _parts(key: Key) -> tuple[str, str, str]:
    return key.language, key.case, key.subject
