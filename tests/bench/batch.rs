//! Batches of cases matched at once: the 20 volunteers nearest to each case on real streets, at their walking seconds.
//!
//! Each plan is proved by its prices before it is timed ([`check`]). The arcs are written beside the build, so that
//! `tests/peers/ortools_assign.py` solves and times the very same.

use std::hint::black_box;
use std::path::Path;

use bienveilleurs::network::Network;
use bienveilleurs::network::graph::{Ticks, UNREACHED, seconds};
use bienveilleurs::network::search::{Search, Starts, nearest};
use bienveilleurs::network::snap::Snap;
use bienveilleurs::solve::assign::{Arc, Batch, Plan, assign, check};
use criterion::Criterion;

use super::{FOOT, on_streets};

/// Cases, volunteers, candidates of each case, places of each volunteer: a fifth more places than cases.
const SIZES: [(usize, usize, usize, u32); 3] = [(200, 40, 40, 6), (5_000, 1_000, 20, 6), (50_000, 1_000, 20, 60)];

fn drawn(network: &Network, (n, m, candidates, free): (usize, usize, usize, u32)) -> Batch {
    let volunteers: Vec<(Snap, Ticks)> = on_streets(network, m, 5).into_iter().map(|s| (s, UNREACHED - 1)).collect();
    let starts = Starts::new(network, FOOT, &volunteers);
    let mut search = Search::new();
    let mut batch = Batch { free: vec![free; m], loads: vec![0; m], starts: vec![0], arcs: Vec::new() };
    for case in on_streets(network, n, 6) {
        let mut arcs: Vec<Arc> = nearest(network, &mut search, &starts, case, candidates)
            .into_iter()
            .map(|found| Arc { volunteer: found.start, cost: seconds(found.ticks).round() as u32 })
            .collect();
        arcs.sort_unstable();
        batch.arcs.extend(arcs);
        batch.starts.push(batch.arcs.len() as u32);
    }
    batch
}

/// Little-endian u32: cases, volunteers, arcs, free\[m\], starts\[n + 1\], volunteer\[arcs\], cost\[arcs\], served, cost.
fn write(batch: &Batch, plan: &Plan, name: &str) {
    let mut words = vec![batch.cases() as u32, batch.free.len() as u32, batch.arcs.len() as u32];
    words.extend(&batch.free);
    words.extend(&batch.starts);
    words.extend(batch.arcs.iter().map(|arc| arc.volunteer));
    words.extend(batch.arcs.iter().map(|arc| arc.cost));
    words.extend([plan.served as u32, u32::try_from(plan.cost).unwrap()]);
    let bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.batch")), bytes).unwrap();
}

pub fn batches(c: &mut Criterion, network: &Network) {
    let mut group = c.benchmark_group("batch");
    group.sample_size(10);
    for size in SIZES {
        let batch = drawn(network, size);
        let plan = assign(&batch);
        assert!(check(&batch, &plan), "every plan proves itself");
        let name = format!("{}x{}", size.0, size.1);
        println!("batch/{name}: {} of {} served at {} s, squares {}", plan.served, size.0, plan.cost, plan.squares);
        write(&batch, &plan, &name);
        group.bench_function(&name, |b| b.iter(|| assign(black_box(&batch))));
    }
    group.finish();
}
