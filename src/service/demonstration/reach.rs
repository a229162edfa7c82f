//! Walking lengths in the generated town, good enough to place people; the product measures with its own network.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::town::{Home, Town};

/// The town's walkable segments as a graph.
pub(super) struct Walks {
    /// For each node, its neighbours and decimetres to them.
    neighbours: Vec<Vec<(usize, u32)>>,
    /// Segments inside the quarters: two nodes and metres.
    inside: Vec<(usize, usize, f64)>,
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
                if town.nodes[pair[0]].inside && town.nodes[pair[1]].inside {
                    inside.push((pair[0], pair[1], metres));
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

    /// Share of the length inside the quarters that is farther than some metres from every home.
    pub(super) fn uncovered_share(&self, homes: &[&Home], metres: f64) -> f64 {
        let far = self.from(homes);
        let mut lengths = (0.0, 0.0);
        for &(a, b, length) in &self.inside {
            lengths.0 += length;
            lengths.1 += length.min(((metres - far[a]).max(0.0) + (metres - far[b]).max(0.0)).min(length));
        }
        if lengths.0 > 0.0 { 1.0 - lengths.1 / lengths.0 } else { 0.0 }
    }
}

/// Metres to a home, given the metres to every node.
pub(super) fn to_home(far: &[f64], home: &Home) -> f64 {
    home.between.iter().map(|&(node, metres)| far[node] + metres).fold(f64::INFINITY, f64::min)
}
