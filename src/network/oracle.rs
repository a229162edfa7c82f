//! Slow twins: what the fast searches must equal, written the plainest way (Floyd–Warshall over all junctions).

use proptest::prelude::*;

use super::build::Collector;
use super::coverage::{Reach, complement, length_mm};
use super::graph::{Network, Ticks, UNREACHED};
use super::osm::{Element, Tags};
use super::route::walk;
use super::search::{Found, Search, Starts, nearest};
use super::snap::Snap;
use crate::domain::position::LonLat;
use crate::domain::travel::TravelProfile;
use crate::geo::plane;

#[derive(Debug, Clone)]
struct Instance {
    /// x, y, and whether a raised kerb stands there.
    nodes: Vec<(f64, f64, bool)>,
    ways: Vec<(usize, usize, usize)>,
    snaps: Vec<(usize, f64)>,
    limits: Vec<u32>,
    origin: (usize, f64),
    k: usize,
    reduced: bool,
    shuffle: u64,
}

const TAGS: [&[(&str, &str)]; 5] = [
    &[("highway", "residential"), ("name", "Rue A")],
    &[("highway", "residential"), ("name", "Rue B")],
    &[("highway", "steps")],
    &[("highway", "footway"), ("oneway:foot", "yes")],
    &[("highway", "path"), ("wheelchair", "no")],
];

fn instances() -> impl Strategy<Value = Instance> {
    (3_usize..24).prop_flat_map(|n| {
        (
            prop::collection::vec((0.0..0.02f64, 0.0..0.015f64, prop::bool::weighted(0.15)), n),
            prop::collection::vec((0..n, 0..n, 0..TAGS.len()), n..3 * n),
            prop::collection::vec((any::<prop::sample::Index>(), 0.0..=1.0f64), 0..12),
            prop::collection::vec(0_u32..30_000_000, 12),
            (any::<prop::sample::Index>(), 0.0..=1.0f64),
            (0_usize..14, any::<bool>(), any::<u64>()),
        )
            .prop_map(|(nodes, ways, snaps, limits, origin, (k, reduced, shuffle))| Instance {
                nodes,
                ways,
                snaps: snaps.into_iter().map(|(i, f)| (i.index(1 << 20), f)).collect(),
                limits,
                origin: (origin.0.index(1 << 20), origin.1),
                k,
                reduced,
                shuffle,
            })
    })
}

impl Instance {
    fn network(&self) -> Option<Network> {
        let mut collector = Collector::new(None);
        for (i, &(x, y, kerb)) in self.nodes.iter().enumerate() {
            let position = LonLat::try_new(0.12 + x, 49.48 + y).expect("in range");
            let tags = if kerb { vec![("kerb", "raised")] } else { Vec::new() };
            collector.take(Element::Node { id: i as i64, position, tags: Tags(tags) });
        }
        for (i, &(a, b, tags)) in self.ways.iter().enumerate() {
            let refs = [a as i64, b as i64];
            collector.take(Element::Way { id: i as i64, refs: &refs, tags: Tags(TAGS[tags].to_vec()) });
        }
        collector.finish().ok().map(|built| built.0)
    }

    fn profile(&self) -> TravelProfile {
        if self.reduced { TravelProfile::ReducedMobility } else { TravelProfile::Foot }
    }

    fn snap(network: &Network, (edge, fraction): (usize, f64)) -> Snap {
        let edge = (edge % network.edges().len()) as u32;
        let offset_mm = (fraction * f64::from(network.edge(edge).length_mm)).round() as u32;
        Snap { edge, offset_mm, distance_m: 0.0 }
    }
}

/// A junction that the profile may reach but not cross.
fn closed(network: &Network, profile: TravelProfile, node: u32) -> bool {
    profile == TravelProfile::ReducedMobility && network.parts().node_blocks[node as usize].reduced()
}

/// Walking ticks between all junctions.
fn all_pairs(network: &Network, profile: TravelProfile) -> Vec<Vec<u64>> {
    let n = network.parts().nodes.len();
    let mut d = vec![vec![u64::from(UNREACHED); n]; n];
    for (i, row) in d.iter_mut().enumerate() {
        row[i] = 0;
    }
    for e in network.edges() {
        let (forward, backward) = e.directions(profile);
        let cost = u64::from(e.length_mm) * u64::from(e.pace(profile));
        let (a, b) = (e.from as usize, e.to as usize);
        if forward {
            d[a][b] = d[a][b].min(cost);
        }
        if backward {
            d[b][a] = d[b][a].min(cost);
        }
    }
    for k in (0..n).filter(|&k| !closed(network, profile, k as u32)) {
        for i in 0..n {
            for j in 0..n {
                d[i][j] = d[i][j].min(d[i][k] + d[k][j]);
            }
        }
    }
    d
}

/// Walking ticks from one point of an edge to another point of an edge.
fn slow_walk(network: &Network, d: &[Vec<u64>], profile: TravelProfile, from: Snap, to: Snap) -> u64 {
    let (a, b) = (network.edge(from.edge), network.edge(to.edge));
    let (pa, pb) = (u64::from(a.pace(profile)), u64::from(b.pace(profile)));
    let ((a_forward, a_backward), (b_forward, b_backward)) = (a.directions(profile), b.directions(profile));
    let mut best = u64::from(UNREACHED);
    if from.edge == to.edge {
        let allowed =
            from.offset_mm == to.offset_mm || if from.offset_mm < to.offset_mm { a_forward } else { a_backward };
        if allowed {
            best = u64::from(from.offset_mm.abs_diff(to.offset_mm)) * pa;
        }
    }
    for (leave, leaving, spent) in [
        (a_backward, a.from, u64::from(from.offset_mm) * pa),
        (a_forward, a.to, u64::from(a.length_mm - from.offset_mm) * pa),
    ] {
        for (arrive, arriving, more) in [
            (b_forward, b.from, u64::from(to.offset_mm) * pb),
            (b_backward, b.to, u64::from(b.length_mm - to.offset_mm) * pb),
        ] {
            let crosses = !closed(network, profile, leaving) && !closed(network, profile, arriving);
            if leave && arrive && crosses {
                best = best.min(spent + d[leaving as usize][arriving as usize] + more);
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn matching_equals_brute_force_and_ignores_the_order_of_input(instance in instances()) {
        let Some(network) = instance.network() else { return Ok(()) };
        let profile = instance.profile();
        let origin = Instance::snap(&network, instance.origin);
        let starts: Vec<(Snap, Ticks)> =
            instance.snaps.iter().zip(&instance.limits).map(|(&s, &limit)| (Instance::snap(&network, s), limit)).collect();
        let d = all_pairs(&network, profile);
        let mut slow: Vec<Found> = starts
            .iter()
            .enumerate()
            .map(|(i, &(snap, limit))| (slow_walk(&network, &d, profile, snap, origin), limit, i))
            .filter(|&(ticks, limit, _)| ticks <= u64::from(limit))
            .map(|(ticks, _, i)| Found { ticks: ticks as Ticks, start: i as u32 })
            .collect();
        slow.sort();
        slow.truncate(instance.k);
        let mut search = Search::new();
        let fast = nearest(&network, &mut search, &Starts::new(&network, profile, &starts), origin, instance.k);
        prop_assert_eq!(&fast, &slow);

        for found in &fast {
            let start = starts[found.start as usize].0;
            let way = walk(&network, &search, profile, start, origin, found.ticks).expect("just searched");
            let drawn: f64 = way.line.windows(2).map(|w| plane::length(w[0], w[1]) * 1000.0).sum();
            prop_assert!((drawn - way.length_mm as f64).abs() < 60.0 + 1e-4 * drawn, "drawn {drawn}, said {}", way.length_mm);
        }

        // Shuffled starts: the same walks, to the same starts wherever no tie decides.
        let mut order: Vec<usize> = (0..starts.len()).collect();
        order.sort_by_key(|&i| (i as u64 + 1).wrapping_mul(instance.shuffle | 1));
        let shuffled: Vec<_> = order.iter().map(|&i| starts[i]).collect();
        let again = nearest(&network, &mut search, &Starts::new(&network, profile, &shuffled), origin, instance.k);
        prop_assert_eq!(again.iter().map(|f| f.ticks).collect::<Vec<_>>(), slow.iter().map(|f| f.ticks).collect::<Vec<_>>());
    }

    #[test]
    fn coverage_equals_brute_force_at_every_point(instance in instances(), cutoff in 0_u32..12_000_000) {
        let Some(network) = instance.network() else { return Ok(()) };
        let profile = instance.profile();
        let snaps: Vec<Snap> = instance.snaps.iter().map(|&s| Instance::snap(&network, s)).collect();
        let d = all_pairs(&network, profile);
        let reach = Reach::from_starts(&network, &mut Search::new(), profile, &snaps, UNREACHED - 1);
        let bounded = Reach::from_starts(&network, &mut Search::new(), profile, &snaps, cutoff);
        let mut stretches = Vec::new();
        let mut same = Vec::new();
        for edge in 0..network.edges().len() as u32 {
            let length = network.edge(edge).length_mm;
            reach.within(&network, edge, cutoff, &mut stretches);
            bounded.within(&network, edge, cutoff, &mut same);
            prop_assert_eq!(&stretches, &same, "a bounded search covers the same");
            prop_assert_eq!(length_mm(&stretches) + length_mm(&complement(&stretches, length)), u64::from(length));
            let envelope = reach.envelope(&network, edge);
            for sample in 0..=16_u64 {
                let offset_mm = (u64::from(length) * sample / 16) as u32;
                let point = Snap { edge, offset_mm, distance_m: 0.0 };
                let slow = snaps.iter().map(|&s| slow_walk(&network, &d, profile, s, point)).min().unwrap_or(u64::from(UNREACHED));
                prop_assert_eq!(u64::from(reach.ticks_at(&network, edge, offset_mm)), slow.min(u64::from(UNREACHED)));
                let inside = stretches.iter().any(|s| s.0 <= offset_mm && offset_mm <= s.1);
                let at_end_only = slow <= u64::from(cutoff) && !inside;
                prop_assert!(!at_end_only || stretch_is_a_point(&reach, &network, edge, offset_mm, cutoff), "{slow} {cutoff} {stretches:?}");
                prop_assert!(!inside || slow <= u64::from(cutoff), "{slow} {cutoff} {offset_mm} {stretches:?}");
                check_envelope(&envelope, offset_mm, slow, network.edge(edge).pace(profile))?;
            }
        }
    }
}

/// A covered point with nothing covered beside it has no length and so no stretch.
fn stretch_is_a_point(reach: &Reach, network: &Network, edge: u32, offset: u32, cutoff: Ticks) -> bool {
    let length = network.edge(edge).length_mm;
    [offset.checked_sub(1), Some(offset + 1).filter(|&o| o <= length)]
        .into_iter()
        .flatten()
        .all(|o| reach.ticks_at(network, edge, o) > cutoff)
}

fn check_envelope(envelope: &[(u32, Option<Ticks>)], offset: u32, slow: u64, pace: u32) -> Result<(), TestCaseError> {
    if envelope.is_empty() {
        prop_assert!(slow >= u64::from(UNREACHED));
        return Ok(());
    }
    let values: Vec<f64> = envelope
        .windows(2)
        .filter(|w| w[0].0 <= offset && offset <= w[1].0)
        .filter_map(|w| match (w[0].1, w[1].1) {
            (Some(a), Some(b)) if w[1].0 > w[0].0 => {
                let t = f64::from(offset - w[0].0) / f64::from(w[1].0 - w[0].0);
                Some(f64::from(a) + t * (f64::from(b) - f64::from(a)))
            }
            _ => None,
        })
        .collect();
    if slow < u64::from(UNREACHED) {
        let known: Vec<f64> = envelope.iter().filter(|p| p.0 == offset).filter_map(|p| p.1.map(f64::from)).collect();
        prop_assert!(
            values.iter().chain(&known).any(|v| (v - slow as f64).abs() <= f64::from(2 * pace)),
            "{values:?} {known:?} {slow} {envelope:?}"
        );
    }
    Ok(())
}
