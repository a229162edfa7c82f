//! Walking lengths in the generated town, good enough to place people; the product measures with its own network.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::town::{Home, Town};

/// The town's walkable segments as a graph.
pub(super) struct Walks {
    /// For each node, its neighbours and decimetres to them.
    neighbours: Vec<Vec<(usize, u32)>>,
    /// Segments inside a quarter: two nodes, metres, index of the quarter.
    inside: Vec<(usize, usize, f64, usize)>,
}

impl Walks {
    pub(super) fn new(town: &Town) -> Self {
        let mut neighbours = vec![Vec::new(); town.nodes.len()];
        let mut inside = Vec::new();
        for way in town.ways.iter().filter(|way| way.is_walkable()) {
            for pair in way.nodes.windows(2) {
                let metres = town.metres(pair[0], pair[1]);
                let decimetres = (metres * 10.0).round() as u32;
                neighbours[pair[0]].push((pair[1], decimetres));
                neighbours[pair[1]].push((pair[0], decimetres));
                let (from, to) = (town.nodes[pair[0]].quarter, town.nodes[pair[1]].quarter);
                if let Some(quarter) = from.filter(|_| to.is_some()) {
                    inside.push((pair[0], pair[1], metres, quarter));
                }
            }
        }
        Self { neighbours, inside }
    }

    /// How many nodes there are.
    pub(super) fn size(&self) -> usize {
        self.neighbours.len()
    }

    /// Metres from the nearest of some homes to every node; infinite where no way leads.
    pub(super) fn from(&self, homes: &[&Home]) -> Vec<f64> {
        let mut best = vec![u32::MAX; self.neighbours.len()];
        let mut queue = BinaryHeap::new();
        for home in homes {
            for (node, metres) in home.between {
                queue.push(Reverse(((metres * 10.0).round() as u32, node)));
            }
        }
        while let Some(Reverse((cost, node))) = queue.pop() {
            if cost >= best[node] {
                continue;
            }
            best[node] = cost;
            for &(next, step) in &self.neighbours[node] {
                if cost + step < best[next] {
                    queue.push(Reverse((cost + step, next)));
                }
            }
        }
        best.into_iter().map(|cost| if cost == u32::MAX { f64::INFINITY } else { f64::from(cost) / 10.0 }).collect()
    }

    /// Shares of the length farther than some metres from every home: inside all quarters, and in the worst of them.
    pub(super) fn uncovered_shares(&self, homes: &[&Home], metres: f64) -> (f64, f64) {
        let far = self.from(homes);
        let mut lengths: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for &(a, b, length, quarter) in &self.inside {
            let covered = ((metres - far[a]).max(0.0) + (metres - far[b]).max(0.0)).min(length);
            let sums = lengths.entry(quarter).or_default();
            *sums = (sums.0 + length, sums.1 + covered);
        }
        let share = |(length, covered): (f64, f64)| if length > 0.0 { 1.0 - covered / length } else { 0.0 };
        let all = lengths.values().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        (share(all), lengths.into_values().map(share).fold(0.0, f64::max))
    }
}

/// Metres to a home, given the metres to every node.
pub(super) fn to_home(far: &[f64], home: &Home) -> f64 {
    home.between.iter().map(|&(node, metres)| far[node] + metres).fold(f64::INFINITY, f64::min)
}
