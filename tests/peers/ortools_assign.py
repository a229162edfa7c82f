#!/usr/bin/env python3
"""Solves the batches that `cargo bench --bench bench -- batch` has written, by OR-tools' min-cost flow, and times it.

    ortools_assign.py FOLDER [--runs 5]        FOLDER is target/tmp

One line a batch: our served and cost, OR-tools' served and cost, and its median milliseconds from the finished arrays to
the optimum. Exit 1 when an optimum differs. It needs the Python package ortools 9.15.6755.
"""

import argparse
import pathlib
import statistics
import sys
import time

import numpy
from ortools.graph.python import min_cost_flow


def solve(n, m, free, starts, volunteers, costs):
    """Most served at least cost: (served, cost). A case that nobody takes flows to the sink by itself, dearer than all."""
    cases = numpy.repeat(numpy.arange(n), numpy.diff(starts))
    unserved = (int(costs.max(initial=0)) + 1) * (m + 1)
    sink = n + m
    tails = numpy.concatenate([cases, n + numpy.arange(m), numpy.arange(n)])
    heads = numpy.concatenate([n + volunteers, numpy.full(m, sink), numpy.full(n, sink)])
    capacities = numpy.concatenate([numpy.ones(len(cases), dtype=numpy.int64), free, numpy.ones(n, dtype=numpy.int64)])
    prices = numpy.concatenate([costs, numpy.zeros(m, dtype=numpy.int64), numpy.full(n, unserved)])
    begun = time.perf_counter()
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, prices)
    flow.set_nodes_supplies(numpy.arange(n + m + 1), numpy.concatenate([numpy.ones(n), numpy.zeros(m), [-n]]).astype(numpy.int64))
    status = flow.solve()
    took = time.perf_counter() - begun
    if status != flow.OPTIMAL:
        sys.exit(f"OR-tools: status {status}")
    missed = int(flow.flows(numpy.arange(len(cases) + m, len(tails))).sum())
    return n - missed, flow.optimal_cost() - missed * unserved, took


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    differ = 0
    for file in sorted(arguments.folder.glob("*.batch"), key=lambda file: file.stat().st_size):
        words = numpy.fromfile(file, dtype="<u4").astype(numpy.int64)
        n, m, arcs = (int(word) for word in words[:3])
        free, starts, volunteers, costs, (served, cost) = numpy.split(words[3:], numpy.cumsum([m, n + 1, arcs, arcs]))
        runs = [solve(n, m, free, starts, volunteers, costs) for _ in range(arguments.runs)]
        theirs = runs[0][:2]
        differ += theirs != (served, cost)
        milliseconds = statistics.median(took for _, _, took in runs) * 1e3
        print(f"{file.stem}: ours {served} at {cost}, OR-tools {theirs[0]} at {theirs[1]} in {milliseconds:.2f} ms")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
