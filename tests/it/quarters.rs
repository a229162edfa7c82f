//! The four quarters that ship: what is known of them holds, and what was written for one city serves any.

use bienveilleurs::domain::position::LonLat;
use bienveilleurs::domain::quarter::{Precision, Sector};
use bienveilleurs::format::quarters::{ReadOptions, read_quarters, write_quarters};
use bienveilleurs::geo::quarters::QuarterIndex;

const FILE: &[u8] = include_bytes!("../../data/quartiers.geojson");

fn index() -> QuarterIndex {
    let read = read_quarters(FILE, "quartiers.geojson", &ReadOptions::default()).expect("the file that ships is read");
    assert_eq!(read.warnings, []);
    QuarterIndex::build(read.quarters).expect("it has quarters")
}

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::try_new(lon, lat).expect("in range")
}

#[test]
fn the_four_quarters_carry_their_provenance() {
    let index = index();
    let ids: Vec<&str> = index.quarters().iter().map(|quarter| quarter.id.as_str()).collect();
    assert_eq!(ids, ["massillon", "saint-leon", "sainte-marie", "universite"]);
    for quarter in index.quarters() {
        assert_eq!(quarter.precision, Precision::Indicative);
        assert!(!quarter.source.is_empty() && !quarter.licence.is_empty() && quarter.drawn_on.is_some());
    }
}

#[test]
fn known_places_lie_in_the_quarter_where_they_are() {
    let index = index();
    for (place, lon, lat, quarter) in [
        ("176 cours de la République", 0.130_347, 49.499_782, Some("sainte-marie")),
        ("9 rue de Fontenoy", 0.127_59, 49.498_92, Some("universite")),
        ("25 rue Philippe-Lebon", 0.127_2, 49.496_4, Some("universite")),
        ("Saint-Léon's former church, south end of the range", 0.145_0, 49.497_0, Some("saint-leon")),
        ("53 rue Auguste-Rispal", 0.141_466, 49.493_119, None),
        ("14 rue de Cronstadt", 0.118_016, 49.502_934, None),
        ("place Danton", 0.122_70, 49.494_55, None),
        ("73 rue Frédéric-Bellanger", 0.098_739, 49.495_559, None),
        ("22 rue Zamenhof", 0.110_717, 49.506_427, None),
        ("100 rue Jean-Maridor", 0.161_824, 49.501_670, None),
        ("57 place Maurice-Blard", 0.161_205, 49.522_488, None),
    ] {
        let found = index.quarter_at(at(lon, lat)).map(|i| index.quarters()[i].id.as_str());
        assert_eq!(found, quarter, "{place}");
    }
}

#[test]
fn a_place_outside_names_the_nearest_quarter_and_its_metres() {
    let index = index();
    let Sector::Outside { nearest, distance_m } = index.sector(at(0.141_466, 49.493_119)) else {
        panic!("south of the railway");
    };
    assert_eq!(index.quarters()[nearest].id, "saint-leon");
    assert!((distance_m - 32.4).abs() < 1.0, "{distance_m}");
    // The station stands on the corner of two quarters: the first of the two by id.
    let Sector::Outside { nearest, distance_m } = index.sector(at(0.125, 49.492_78)) else { panic!("the station") };
    assert_eq!(index.quarters()[nearest].id, "sainte-marie");
    assert!(distance_m < 30.0, "{distance_m}");
}

#[test]
fn every_shared_border_has_the_same_corners_on_both_sides() {
    let index = index();
    let sides: Vec<(usize, LonLat, LonLat)> = index
        .quarters()
        .iter()
        .enumerate()
        .flat_map(|(i, q)| q.polygons[0][0].windows(2).map(move |s| (i, s[0], s[1])))
        .collect();
    let shared = |a: &str, b: &str| {
        let number = |id: &str| index.quarters().iter().position(|q| q.id == id).expect("known");
        sides
            .iter()
            .filter(|(i, from, to)| {
                *i == number(a) && sides.iter().any(|(j, f, t)| *j == number(b) && (f, t) == (to, from))
            })
            .count()
    };
    assert_eq!(shared("universite", "sainte-marie"), 3);
    assert_eq!(shared("sainte-marie", "massillon"), 2);
    assert_eq!(shared("massillon", "saint-leon"), 2);
    assert_eq!(shared("universite", "massillon"), 0);
}

#[test]
fn the_file_that_ships_survives_writing_and_reading() {
    let quarters = index().quarters().to_vec();
    let text = write_quarters(&quarters);
    let back = read_quarters(text.as_bytes(), "f", &ReadOptions::default()).expect("read back");
    assert_eq!(back.quarters, quarters);
}
