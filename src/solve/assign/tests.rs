//! The best plan against exhaustive search on small batches and a linear programme on larger ones.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use super::*;

/// Batches of up to `cases` × `volunteers`, costs below `costs`: few costs, many ties.
fn batches(cases: usize, volunteers: usize, costs: u32) -> impl Strategy<Value = Batch> {
    (0..=cases, 1..=volunteers).prop_flat_map(move |(n, m)| {
        let arcs = prop::collection::vec(prop::option::weighted(0.7, 0..costs), n * m);
        (prop::collection::vec(0_u32..4, m), prop::collection::vec(0_u32..4, m), arcs).prop_map(
            move |(free, loads, costs)| {
                let mut batch = Batch { free, loads, starts: vec![0], arcs: Vec::new() };
                for case in costs.chunks(m) {
                    let arcs = case
                        .iter()
                        .enumerate()
                        .filter_map(|(j, cost)| Some(Arc { volunteer: j as u32, cost: (*cost)? }));
                    batch.arcs.extend(arcs);
                    batch.starts.push(batch.arcs.len() as u32);
                }
                // `chunks` of nothing gives nothing.
                batch.starts.resize(n + 1, 0);
                batch
            },
        )
    })
}

/// Served (most first), cost, squares, and who takes whom with "nobody" last: the order of plans.
type Value = (Reverse<usize>, u64, u64, Vec<u32>);

/// The best of all plans, each looked at.
fn exhaustive(batch: &Batch) -> Value {
    fn go(batch: &Batch, at: &mut Vec<u32>, best: &mut Option<Value>) {
        let m = batch.free.len();
        let has = |at: &[u32], j: u32| at.iter().filter(|other| **other == j).count() as u32;
        if at.len() == batch.cases() {
            let found = plan(batch, at, Vec::new());
            let value = (Reverse(found.served), found.cost, found.squares, at.clone());
            if best.as_ref().is_none_or(|best| value < *best) {
                *best = Some(value);
            }
            return;
        }
        let open = batch.arcs_of(at.len()).iter().map(|arc| arc.volunteer);
        for j in open.filter(|j| has(at, *j) < batch.free[*j as usize]).chain([m as u32]).collect::<Vec<_>>() {
            at.push(j);
            go(batch, at, best);
            at.pop();
        }
    }
    let mut best = None;
    go(batch, &mut Vec::new(), &mut best);
    best.expect("to serve nobody is a plan")
}

fn value(batch: &Batch, plan: &Plan) -> Value {
    let m = batch.free.len() as u32;
    (Reverse(plan.served), plan.cost, plan.squares, plan.volunteers.iter().map(|j| j.unwrap_or(m)).collect())
}

/// Most served and least cost by the simplex method, in which a case that is served earns more than any cost.
fn linear(batch: &Batch) -> (usize, u64) {
    let prize = batch.unserved_cost() as f64;
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut of_volunteer = vec![Vec::new(); batch.free.len()];
    let mut all = Vec::new();
    for case in 0..batch.cases() {
        let mut of_case = Vec::new();
        for arc in batch.arcs_of(case) {
            let variable = problem.add_var(f64::from(arc.cost) - prize, (0.0, 1.0));
            of_case.push((variable, 1.0));
            of_volunteer[arc.volunteer as usize].push((variable, 1.0));
            all.push((variable, arc.cost));
        }
        problem.add_constraint(of_case, ComparisonOp::Le, 1.0);
    }
    for (j, terms) in of_volunteer.into_iter().enumerate() {
        problem.add_constraint(terms, ComparisonOp::Le, f64::from(batch.free[j]));
    }
    let solution = problem.solve().expect("solved").into_solution().expect("to serve nobody is a solution");
    let taken = |variable| solution.var_value(variable).round() as u64;
    let served: u64 = all.iter().map(|(variable, _)| taken(*variable)).sum();
    (served as usize, all.iter().map(|(variable, cost)| taken(*variable) * u64::from(*cost)).sum())
}

proptest! {
    #[test]
    fn the_plan_is_the_best_of_all_and_of_the_best_the_first_by_ids(batch in batches(6, 4, 4)) {
        let found = assign(&batch);
        prop_assert!(check(&batch, &found));
        prop_assert_eq!(value(&batch, &found), exhaustive(&batch));
    }

    #[test]
    fn the_plan_serves_as_many_at_the_same_cost_as_a_linear_programme(batch in batches(40, 12, 60)) {
        let found = assign(&batch);
        prop_assert!(check(&batch, &found));
        prop_assert_eq!((found.served, found.cost), linear(&batch));
    }

    #[test]
    fn the_order_in_which_people_are_listed_changes_no_aim(batch in batches(12, 6, 8), turn in 0_usize..12) {
        let (n, m) = (batch.cases(), batch.free.len());
        let moved = |at: usize, count: usize| (at + turn) % count.max(1);
        let volunteers: Vec<usize> = (0..m).map(|j| moved(j, m)).collect();
        let mut other = Batch { starts: vec![0], ..Batch::default() };
        other.free = volunteers.iter().map(|j| batch.free[*j]).collect();
        other.loads = volunteers.iter().map(|j| batch.loads[*j]).collect();
        for case in 0..n {
            let mut arcs: Vec<Arc> = batch.arcs_of(moved(case, n)).to_vec();
            for arc in &mut arcs {
                arc.volunteer = volunteers.iter().position(|j| *j == arc.volunteer as usize).expect("listed") as u32;
            }
            arcs.sort_unstable();
            other.arcs.extend(arcs);
            other.starts.push(other.arcs.len() as u32);
        }
        let (here, there) = (assign(&batch), assign(&other));
        prop_assert_eq!((here.served, here.cost, here.squares), (there.served, there.cost, there.squares));
    }

    #[test]
    fn the_checker_refuses_every_other_plan_that_is_worse(batch in batches(6, 4, 4), case in 0_usize..6, to in 0_u32..5) {
        let found = assign(&batch);
        prop_assume!(case < batch.cases() && to <= batch.free.len() as u32);
        let mut at = value(&batch, &found).3;
        at[case] = to;
        let possible = to == batch.free.len() as u32 || batch.arcs_of(case).iter().any(|arc| arc.volunteer == to);
        let other = plan(&batch, &at, found.prices.clone());
        let as_good = possible && (other.served, other.cost, other.squares) == (found.served, found.cost, found.squares);
        prop_assert!(as_good || !check(&batch, &other));
    }
}

#[test]
fn a_false_figure_a_false_price_and_a_missing_case_are_refused() {
    let arcs = vec![Arc { volunteer: 0, cost: 3 }, Arc { volunteer: 1, cost: 5 }, Arc { volunteer: 0, cost: 4 }];
    let batch = Batch { free: vec![1, 1], loads: vec![0, 2], starts: vec![0, 2, 3], arcs };
    let found = assign(&batch);
    assert_eq!((found.volunteers.as_slice(), found.cost, found.squares), ([Some(1), Some(0)].as_slice(), 9, 10));
    assert!(check(&batch, &found));
    assert!(!check(&batch, &Plan { cost: 8, ..found.clone() }));
    assert!(!check(&batch, &Plan { prices: vec![0, 0], ..found.clone() }));
    assert!(!check(&batch, &Plan { prices: vec![2, 1], ..found.clone() }), "a place that is left has a price");
    assert!(!check(&batch, &Plan { volunteers: vec![Some(1)], ..found }));
}
