//! Disclosure against readers who add, subtract, and run the same code on every possible world.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn cell(quarter: usize, count: u32, households: u32) -> CellCount {
    CellCount { quarter, count, households }
}

fn shown(table: &Table) -> Vec<Option<u32>> {
    table.cells.iter().map(|cell| if let Disclosed::Shown(count) = cell { Some(*count) } else { None }).collect()
}

/// Slow twin: every way to spread `sum` over cells of which some are known.
fn spreads(known: &[Option<u32>], sum: u32, so_far: &mut Vec<u32>, found: &mut impl FnMut(&[u32])) {
    let Some(this) = known.get(so_far.len()) else {
        if sum == 0 {
            found(so_far);
        }
        return;
    };
    for count in this.map_or(0..=sum, |count| count..=count).take_while(|&count| count <= sum) {
        so_far.push(count);
        spreads(known, sum - count, so_far, found);
        so_far.pop();
    }
}

fn one_quarter() -> impl Strategy<Value = Vec<CellCount>> {
    let households = prop_oneof![Just(0u32), 1..11u32, 11..14u32, 11..40u32];
    let count = prop_oneof![0..3u32, 4..7u32, 0..12u32];
    prop::collection::vec((count, households).prop_map(|(count, households)| cell(0, count, households)), 1..6)
}

/// For each cell, its counts in all worlds that are published in the same way.
fn counts_that_look_alike(cells: &[CellCount], table: &Table) -> Vec<BTreeSet<u32>> {
    let mut possible = vec![BTreeSet::new(); cells.len()];
    let all: u32 = cells.iter().map(|c| c.count).sum();
    // Without a published total any sum may be; those up to the true one suffice to doubt.
    let sums = if table.quarters[&0] == Disclosed::Suppressed { 0..=all.max(3) } else { all..=all };
    for sum in sums {
        spreads(&shown(table), sum, &mut Vec::new(), &mut |counts| {
            let world: Vec<CellCount> = cells.iter().zip(counts).map(|(c, &count)| CellCount { count, ..*c }).collect();
            if disclose(&world) == *table {
                possible.iter_mut().zip(counts).for_each(|(values, &count)| {
                    values.insert(count);
                });
            }
        });
    }
    possible
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_reader_who_runs_this_code_on_every_world_cannot_exclude_any_count_up_to_three(cells in one_quarter()) {
        let table = disclose(&cells);
        for ((cell, published), values) in cells.iter().zip(&table.cells).zip(counts_that_look_alike(&cells, &table)) {
            prop_assert!(values.contains(&cell.count));
            let is_small = cell.count < LEAST_COUNT || cell.households < LEAST_HOUSEHOLDS;
            if is_small {
                prop_assert_eq!(*published, Disclosed::Suppressed);
                prop_assert!((0..=3).all(|count| values.contains(&count)), "{:?} is one of {:?} in {:?} {:?}", cell, values, cells, table);
            }
        }
    }

    #[test]
    fn quarters_do_not_tell_of_each_other(
        one in one_quarter(), other in one_quarter(), another in one_quarter(),
    ) {
        let both = |other: &[CellCount]| disclose(&one.iter().chain(other).enumerate().map(|(i, cell)| {
            CellCount { quarter: usize::from(i >= one.len()), ..*cell }
        }).collect::<Vec<_>>());
        let alone = disclose(&one);
        for table in [both(&other), both(&another)] {
            prop_assert_eq!(&table.cells[..one.len()], &alone.cells[..]);
            prop_assert_eq!(table.quarters[&0], alone.quarters[&0]);
            let hidden = table.quarters.values().any(|total| *total == Disclosed::Suppressed);
            prop_assert_eq!(hidden, table.total == Disclosed::Suppressed);
        }
    }

    #[test]
    fn nothing_small_is_shown_and_what_is_shown_is_true(cells in prop::collection::vec((0..4usize, 0..60u32, 0..200u32), 0..40)) {
        let cells: Vec<CellCount> = cells.into_iter().map(|(quarter, count, households)| cell(quarter, count, households)).collect();
        let table = disclose(&cells);
        for (cell, published) in cells.iter().zip(&table.cells) {
            if let Disclosed::Shown(count) = *published {
                prop_assert!(count == cell.count && count >= LEAST_COUNT && cell.households >= LEAST_HOUSEHOLDS);
                prop_assert!(matches!(table.quarters[&cell.quarter], Disclosed::Shown(_)));
            }
        }
        let sum = |of: &dyn Fn(&CellCount) -> bool| cells.iter().filter(|c| of(c)).map(|c| c.count).sum::<u32>();
        for (&quarter, published) in &table.quarters {
            if let Disclosed::Shown(count) = *published {
                prop_assert!(count >= LEAST_COUNT && count == sum(&|c| c.quarter == quarter));
            }
            let hidden = cells.iter().zip(&table.cells).filter(|(c, p)| c.quarter == quarter && **p == Disclosed::Suppressed).count();
            prop_assert!(*published == Disclosed::Suppressed || hidden != 1);
        }
    }

    #[test]
    fn empty_cells_look_like_cells_with_four(households in prop::collection::vec(30..200u32, 8..20), which in 0..8usize) {
        // Enough small counts around that both worlds need no helper.
        let table = |count: u32| {
            let cells: Vec<CellCount> = households.iter().enumerate().map(|(i, &households)| {
                cell(0, if i == which { count } else if i % 2 == 0 { 2 } else { 20 }, households)
            }).collect();
            disclose(&cells).cells
        };
        prop_assert_eq!(table(0), table(4));
    }
}

#[test]
fn a_table_without_small_cells_is_shown_whole() {
    let table = disclose(&[cell(0, 5, 11), cell(0, 40, 500), cell(1, 7, 90)]);
    assert_eq!(shown(&table), [Some(5), Some(40), Some(7)]);
    assert_eq!(table.quarters[&0], Disclosed::Shown(45));
    assert_eq!(table.total, Disclosed::Shown(52));
    assert_eq!(disclose(&[]).total, Disclosed::Suppressed);
}

#[test]
fn one_small_cell_takes_another_with_it_so_that_the_total_does_not_tell() {
    // Of the three others the one with the fewest households is hidden, not the one with the smallest count.
    let table = disclose(&[cell(0, 2, 60), cell(0, 12, 80), cell(0, 9, 90), cell(0, 30, 400)]);
    assert_eq!(shown(&table), [None, None, Some(9), Some(30)]);
    assert_eq!(table.quarters[&0], Disclosed::Shown(53));
}

#[test]
fn a_helper_of_exactly_five_is_not_enough() {
    // 5 hidden in a helper of at least 5 would leave 0 for the small cell.
    let table = disclose(&[cell(0, 0, 60), cell(0, 5, 70), cell(0, 20, 80), cell(0, 30, 400)]);
    assert_eq!(shown(&table), [None, None, None, Some(30)]);
}

#[test]
fn cells_of_four_do_not_give_themselves_away_by_their_sum() {
    let table = disclose(&[cell(0, 4, 60), cell(0, 4, 70), cell(0, 4, 80), cell(0, 30, 400), cell(0, 31, 500)]);
    assert_eq!(shown(&table), [None, None, None, None, Some(31)]);
}

#[test]
fn a_quarter_without_helpers_enough_is_hidden_and_with_it_the_total_of_all() {
    let table = disclose(&[cell(0, 2, 60), cell(0, 6, 60), cell(1, 20, 80), cell(1, 20, 90), cell(2, 30, 400)]);
    assert_eq!(shown(&table), [None, None, Some(20), Some(20), Some(30)]);
    let totals: Vec<Disclosed> = table.quarters.values().copied().collect();
    assert_eq!(totals, [Disclosed::Suppressed, Disclosed::Shown(40), Disclosed::Shown(30)]);
    assert_eq!(table.total, Disclosed::Suppressed);
}

#[test]
fn the_finest_resolution_that_shows_most_of_the_counted_cells_is_taken() {
    let cells_at = |good: u8| {
        move |resolution: Resolution| {
            let count = if u8::from(resolution) <= good { 9 } else { 1 };
            vec![cell(0, count, 100), cell(0, count, 110), cell(0, 0, 50), cell(0, count, 120), cell(0, 60, 900)]
        }
    };
    for good in 7..=10 {
        assert_eq!(u8::from(best_resolution(cells_at(good))), good);
    }
    assert_eq!(u8::from(best_resolution(|_| vec![cell(0, 1, 100)])), 7);
    assert_eq!(u8::from(best_resolution(|_| Vec::new())), 7);
}

#[test]
fn one_person_more_shows_only_at_the_edge_of_a_band() {
    let edges: Vec<u32> = (1..1000).filter(|&count| band(count) != band(count - 1)).collect();
    assert_eq!(edges, [5, 10, 20, 50]);
    assert_eq!(band(u32::MAX).map(Band::code), Some("50_or_more"));
    assert_eq!(band(4), None);
}

#[test]
fn a_walk_on_an_edge_belongs_to_the_longer_bucket() {
    let codes: Vec<&str> = [0.0, 299.9, 300.0, 600.0, 899.9, 900.0, 1199.9, 1200.0, f64::INFINITY]
        .map(|s| walking_bucket(Seconds(s)).code())
        .into();
    let expected =
        ["under_5", "under_5", "5_to_10", "10_to_15", "10_to_15", "15_to_20", "15_to_20", "over_20", "over_20"];
    assert_eq!(codes, expected);
}
