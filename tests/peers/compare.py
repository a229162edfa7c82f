#!/usr/bin/env python3
"""Holds our walking network against an independent reading of the same OpenStreetMap file.

    compare.py [redon] [rouen] [helsinki] [heidelberg] [--pairs N]

For each place (the first three unless named): imports the file with our binary, reads it again with
`independent_network.py`, and judges three things: kept length within 0.1 %, the same pairs reachable, each walking time
within 1 %. One line per place, `ok`, `short` or `SKIPPED`; exit 1 when one falls short.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

from study import FILES, Study, test_data

LENGTH_TOLERANCE = 0.001
TIME_TOLERANCE = 0.01
# Our arcs are whole milliseconds and positions have seven decimals: a walk of a few steps may differ by that much.
TIME_TOLERANCE_S = 0.1

HERE = pathlib.Path(__file__).resolve().parent


def ours(study, pairs):
    """(kept length in metres, [(reachable, seconds, metres)]) as our binary says."""
    lines = ["{:.7f} {:.7f} {:.7f} {:.7f}".format(*pair["from"], *pair["to"]) for pair in pairs]
    file = study.write("pairs.txt", "\n".join(lines) + "\n")
    # A place is on a street or it is not: nothing is pulled to a street further away.
    said = study.must("network", "compare", "--pairs", file, "--snap-m", "1").stdout.splitlines()
    length_m = float(re.search(r"([0-9.]+) m$", said[0]).group(1))
    answers = []
    for line in said[1:]:
        seconds, metres, reachable = line.split()
        answers.append((reachable == "true", float(seconds), float(metres)))
    return length_m, answers


def compare(name, pairs_wanted):
    """One line of text and whether it holds; None when the file is not there."""
    file = test_data(name)
    if file is None:
        return f"SKIPPED {name}: set BV_TEST_DATA to the folder that holds {FILES[name]}", None
    reader = subprocess.run(
        [sys.executable, HERE / "independent_network.py", file, "--pairs", str(pairs_wanted)],
        stdout=subprocess.PIPE,
        check=True,
    )
    theirs = json.loads(reader.stdout)
    with Study() as study:
        study.load(name, file)
        length_m, answers = ours(study, theirs["pairs"])

    problems = []
    length_error = abs(length_m / theirs["kept_length_m"] - 1)
    if not length_error <= LENGTH_TOLERANCE:
        problems.append("length")
    if len(answers) != len(theirs["pairs"]):
        problems.append(f"{len(answers)} answers to {len(theirs['pairs'])} pairs")
    worst, reachable, other_reach = 0.0, 0, []
    for pair, (is_reachable, seconds, _) in zip(theirs["pairs"], answers):
        if is_reachable != pair["reachable"]:
            other_reach.append(pair)
        elif is_reachable:
            reachable += 1
            error = abs(seconds - pair["seconds"])
            if error > TIME_TOLERANCE_S:
                worst = max(worst, error / pair["seconds"] if pair["seconds"] > 0 else float("inf"))
    if other_reach:
        problems.append(f"{len(other_reach)} pairs reachable on one side only, first {other_reach[0]}")
    if not worst <= TIME_TOLERANCE:
        problems.append("walking times")
    line = (
        f"{'short' if problems else 'ok'} {name}: {length_m / 1000:.3f} km against {theirs['kept_length_m'] / 1000:.3f} km "
        f"({length_error:.3%}), {reachable} of {len(answers)} pairs reachable on both sides, "
        f"walking times within {worst:.3%}"
    )
    return (line + f" — {', '.join(problems)}" if problems else line), not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("places", nargs="*", default=["redon", "rouen", "helsinki"])
    parser.add_argument("--pairs", type=int, default=300)
    arguments = parser.parse_args()
    for place in arguments.places:
        if place not in FILES:
            parser.error(f"{place} is not one of {', '.join(FILES)}")
    holds = True
    for place in arguments.places:
        line, ok = compare(place, arguments.pairs)
        print(line, flush=True)
        holds = holds and ok is not False
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
