#!/usr/bin/env python3
"""Times scipy's Dijkstra on the very graph that our benchmarks use.

    bienveilleurs network export-csr graph.csr
    scipy_dijkstra.py graph.csr [--volunteers 1000] [--runs 31] [--seed 2026]

The file is little-endian u32: n, m, then indptr[n+1], indices[m], weights[m] in milliseconds of walking. Prints one JSON
object with medians: `nearest10_us`, one case to its 10 nearest of the volunteers (one bounded search from the case, then
the ten smallest), and `coverage_ms`, the walking time of every node to its nearest volunteer.
"""

import argparse
import json
import random
import statistics
import sys
import time

import numpy
import scipy
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

# The longest walk of a volunteer by default, and the coverage threshold by default.
NEAREST_LIMIT_S = 20 * 60
COVERAGE_LIMIT_S = 10 * 60


def read_graph(path):
    """The graph as a matrix of seconds; of parallel arcs the quickest stays, as scipy would add them up."""
    words = numpy.fromfile(path, dtype="<u4")
    n, m = int(words[0]), int(words[1])
    if len(words) != 2 + n + 1 + 2 * m:
        sys.exit(f"{path}: {len(words)} words, but {n} nodes and {m} arcs need {2 + n + 1 + 2 * m}")
    indptr = words[2 : n + 3].astype(numpy.int64)
    indices = words[n + 3 : n + 3 + m].astype(numpy.int64)
    seconds = numpy.maximum(words[n + 3 + m :], 1) / 1000.0
    rows = numpy.repeat(numpy.arange(n), numpy.diff(indptr))
    order = numpy.lexsort((seconds, indices, rows))
    rows, indices, seconds = rows[order], indices[order], seconds[order]
    first = numpy.ones(m, dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (indices[1:] != indices[:-1])
    return csr_matrix((seconds[first], (rows[first], indices[first])), shape=(n, n))


def median_seconds(runs, work):
    times = []
    for run in range(runs):
        start = time.perf_counter()
        work(run)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph")
    parser.add_argument("--volunteers", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()

    graph = read_graph(arguments.graph)
    nodes = graph.shape[0]
    random_source = random.Random(arguments.seed)
    volunteers = numpy.array(random_source.choices(range(nodes), k=arguments.volunteers))
    sources = numpy.unique(volunteers)
    cases = random_source.choices(range(nodes), k=arguments.runs)

    def nearest(run):
        seconds = dijkstra(graph, indices=cases[run], limit=NEAREST_LIMIT_S)[volunteers]
        ten = numpy.argpartition(seconds, 10)[:10]
        return ten[numpy.argsort(seconds[ten])]

    def coverage(_):
        return dijkstra(graph, indices=sources, min_only=True, limit=COVERAGE_LIMIT_S)

    nearest(0)
    coverage(0)
    json.dump(
        {
            "peer": f"scipy {scipy.__version__}",
            "nodes": nodes,
            "arcs": graph.nnz,
            "volunteers": arguments.volunteers,
            "runs": arguments.runs,
            "nearest10_us": median_seconds(arguments.runs, nearest) * 1e6,
            "coverage_ms": median_seconds(arguments.runs, coverage) * 1e3,
        },
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    main()
