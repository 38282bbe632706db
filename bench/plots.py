"""The plots, as SVG that is the same for the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt

from results import ALGORITHMS, LIMIT, Results
from workers import OURS

COLOURS = {OURS: "#0b6e4f", LIMIT: "#888888"}
PEER_COLOUR = "#c9a227"

plt.rcParams.update(
    {
        "svg.hashsalt": "at9068",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "white",
    }
)


def bars(found: Results, language: str, path: Path) -> None:
    """Cold validations of a language: of each algorithm the subjects, ours among them, and the limit as a line."""
    groups = {}
    for algorithm in ALGORITHMS:
        keys = [
            key for key in found.times if key.language == language and key.case.startswith(f"{algorithm}/validate/")
        ]
        keys = [key for key in keys if "/hit" not in key.case and key.subject != LIMIT]
        if keys:
            groups[algorithm] = sorted(keys, key=lambda key: found.times[key].median, reverse=True)
    heights = [len(keys) + 1 for keys in groups.values()]
    figure, axes = plt.subplots(
        len(groups),
        1,
        figsize=(8, 0.24 * sum(heights) + 0.5),
        height_ratios=heights,
        squeeze=False,
        layout="constrained",
    )
    for axis, (algorithm, keys) in zip(axes[:, 0], groups.items(), strict=True):
        times = [found.times[key].median for key in keys]
        labels = [key.subject + (f" ({key.form.split('/')[-1]})" if key.subject == OURS else "") for key in keys]
        colours = [
            COLOURS.get(key.subject, COLOURS[LIMIT] if key.form.endswith("/raw") else PEER_COLOUR) for key in keys
        ]
        drawn = axis.barh(range(len(keys)), times, color=colours)
        axis.bar_label(drawn, [f" {time:.3g}" for time in times])
        axis.set_yticks(range(len(keys)), labels)
        limit = found.limit(f"{algorithm}/validate/raw")
        if limit is not None:
            axis.axvline(limit, color="black", linewidth=0.8, linestyle=":")
        axis.set_xscale("log")
        axis.set_xlim(min([*times, limit or times[0]]) * 0.7, max(times) * 1.6)
        axis.set_title(f"{algorithm}, µs (dotted: the bare verification)", loc="left", fontsize=9)
    _save(figure, path)


def curve(
    points: dict[str, dict[int, float]], axis_name: str, path: Path, unit: str = "µs a validation", log: bool = True
) -> None:
    """Something that grows."""
    figure, axis = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    for subject, of in points.items():
        style = ":" if subject == LIMIT else "-"
        axis.plot(
            list(of),
            list(of.values()),
            style,
            marker="o",
            markersize=3,
            color=COLOURS.get(subject, PEER_COLOUR),
            label=subject,
        )
    if log:
        axis.set_xscale("log")
        axis.set_yscale("log")
    else:
        axis.set_ylim(bottom=0)
        axis.set_xticks(sorted({at for of in points.values() for at in of}))
    axis.set_xlabel(axis_name)
    axis.set_ylabel(unit)
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
    _save(figure, path)


def soak(found: dict[str, Any], path: Path) -> None:
    """Resident memory over a long run."""
    samples = found["samples"]
    figure, axis = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    done = [sample["validations"] / 1e6 for sample in samples]
    axis.plot(done, [sample["resident"] / 1e6 for sample in samples], color=COLOURS[OURS])
    axis.axvspan(0, done[found["warm_up_samples"] - 1], color="#eeeeee", label="warming up")
    axis.set_ylim(bottom=0)
    axis.set_xlabel("million validations")
    axis.set_ylabel("MB resident")
    axis.grid(alpha=0.3)
    axis.legend(frameon=False, loc="lower right")
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
