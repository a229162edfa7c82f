//! The town as its readers see it: sound, joined, beside itself with people, the same for the same seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;

use super::*;
use crate::domain::case::CaseState;
use crate::domain::position::{Extent, LonLat};
use crate::domain::quarter::{Precision, Sector};
use crate::domain::travel::TravelProfile;
use crate::format::quarters::{ReadOptions, read_quarters};
use crate::geo::plane::{self, Plane};

fn four_quarters() -> Vec<Quarter> {
    let file = include_bytes!("../../../data/quartiers.geojson");
    read_quarters(file, "quartiers.geojson", &ReadOptions::default()).expect("read").quarters
}

const SEEDS: std::ops::Range<u64> = 0..3;

/// The demonstration of the four quarters, made once per seed.
fn four(seed: u64) -> &'static Demonstration {
    static TOWNS: [OnceLock<Demonstration>; 3] = [const { OnceLock::new() }; 3];
    TOWNS[seed as usize].get_or_init(|| generate(&four_quarters(), seed))
}

fn quarter(id: &str, corners: &[(f64, f64)]) -> Quarter {
    let ring = corners.iter().chain(&corners[..1]).map(|&(lon, lat)| LonLat::try_new(lon, lat).expect("in range"));
    Quarter {
        id: id.to_owned(),
        name: id.to_owned(),
        precision: Precision::Official,
        source: String::new(),
        licence: String::new(),
        drawn_on: None,
        polygons: vec![vec![ring.collect()]],
    }
}

type Tags = BTreeMap<String, String>;

/// What an importer would see of the file.
#[derive(Default)]
struct Map {
    nodes: BTreeMap<i64, LonLat>,
    ways: Vec<(Vec<i64>, Tags)>,
    note: String,
}

fn parse(xml: &str) -> Map {
    let mut reader = Reader::from_str(xml);
    let mut map = Map::default();
    let mut ids = BTreeSet::new();
    loop {
        let event = reader.read_event().expect("well-formed");
        let (Event::Start(element) | Event::Empty(element)) = &event else {
            match event {
                Event::Text(text) => map.note.push_str(&text),
                Event::Eof => return map,
                _ => {}
            }
            continue;
        };
        let attribute = |name: &str| {
            let value = element.try_get_attribute(name).expect("attributes").expect("present");
            value.normalized_value(XmlVersion::Explicit1_0).expect("text").into_owned()
        };
        match element.name().as_ref() {
            "node" => {
                let degrees = |name: &str| attribute(name).parse::<f64>().expect("a number");
                let id: i64 = attribute("id").parse().expect("an id");
                assert_eq!(attribute("version"), "1");
                map.nodes.insert(id, LonLat::try_new(degrees("lon"), degrees("lat")).expect("in range"));
            }
            "way" => {
                assert!(ids.insert(attribute("id")), "way ids are unique");
                map.ways.push((Vec::new(), Tags::new()));
            }
            "nd" => map.ways.last_mut().expect("in a way").0.push(attribute("ref").parse().expect("an id")),
            "tag" if !map.ways.is_empty() => {
                map.ways.last_mut().expect("in a way").1.insert(attribute("k"), attribute("v"));
            }
            _ => {}
        }
    }
}

impl Map {
    fn line(&self, nodes: &[i64]) -> Vec<LonLat> {
        nodes.iter().map(|id| self.nodes[id]).collect()
    }

    fn highways(&self) -> impl Iterator<Item = &(Vec<i64>, Tags)> {
        self.ways.iter().filter(|(_, tags)| tags.contains_key("highway"))
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.ways.iter().any(|(_, tags)| tags.get(key).is_some_and(|v| v == value))
    }
}

fn metres_to_line(p: LonLat, line: &[LonLat]) -> f64 {
    let plane = Plane::at(p);
    let here = plane.project(p);
    line.windows(2)
        .map(|side| plane::nearest_on_segment(here, plane.project(side[0]), plane.project(side[1])).1.sqrt())
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_town() {
    let quarters = four_quarters();
    let first = generate(&quarters, 7);
    assert_eq!(first, generate(&quarters, 7));
    assert_ne!(first.streets_osm_xml, generate(&quarters, 8).streets_osm_xml);
    let mut reversed = quarters;
    reversed.reverse();
    assert_eq!(first, generate(&reversed, 7));
}

#[test]
fn the_street_file_is_sound_says_that_it_is_fictitious_and_has_what_a_town_has() {
    let town = four(0);
    let map = parse(&town.streets_osm_xml);
    assert!(map.note.contains("Fictitious"));
    assert!(map.ways.iter().flat_map(|(nodes, _)| nodes).all(|id| map.nodes.contains_key(id)));
    assert!(map.ways.iter().all(|(nodes, _)| nodes.len() > 1));
    for (key, value) in [
        ("highway", "secondary"),
        ("highway", "tertiary"),
        ("highway", "residential"),
        ("highway", "steps"),
        ("highway", "pedestrian"),
        ("highway", "footway"),
        ("highway", "path"),
        ("highway", "service"),
        ("highway", "living_street"),
        ("footway", "sidewalk"),
        ("service", "alley"),
        ("access", "private"),
        ("bridge", "yes"),
        ("tunnel", "yes"),
        ("railway", "rail"),
        ("natural", "water"),
        ("leisure", "park"),
        ("area", "yes"),
        ("oneway", "yes"),
    ] {
        assert!(map.has(key, value), "{key}={value}");
    }
    assert!(!town.streets_osm_xml.contains("oneway:foot"));
    assert!(town.streets_osm_xml.contains("level_crossing") && town.streets_osm_xml.contains("\"bollard\""));
    let streets = ["secondary", "tertiary", "residential", "unclassified", "living_street", "pedestrian", "steps"];
    let unnamed =
        map.highways().filter(|(_, tags)| streets.contains(&tags["highway"].as_str()) && !tags.contains_key("name"));
    assert_eq!(unnamed.count(), 0);
}

#[test]
fn a_square_kilometre_holds_as_much_street_as_a_real_town() {
    for seed in SEEDS {
        let town = four(seed);
        let map = parse(&town.streets_osm_xml);
        let index = QuarterIndex::build(four_quarters()).expect("built");
        let metres: f64 = map
            .highways()
            .map(|(nodes, _)| map.line(nodes))
            .map(|line| {
                let length: f64 = line.windows(2).map(|s| plane::length(s[0], s[1])).sum();
                let inside = index.split_line(&line).into_iter().filter(|s| s.quarter.is_some());
                length * inside.map(|s| s.to - s.from).sum::<f64>()
            })
            .sum();
        // The four quarters as drawn have 1.05 km².
        assert!((19_000.0..29_000.0).contains(&(metres / 1.05)), "{metres}");
    }
}

fn root(group: &BTreeMap<i64, i64>, mut id: i64) -> i64 {
    while let Some(&next) = group.get(&id).filter(|&&next| next != id) {
        id = next;
    }
    id
}

#[test]
fn all_streets_are_joined_but_for_one_landing_stage() {
    for seed in SEEDS {
        let map = parse(&four(seed).streets_osm_xml);
        let mut group: BTreeMap<i64, i64> = BTreeMap::new();
        for (nodes, _) in map.highways() {
            for pair in nodes.windows(2) {
                let (a, b) = (root(&group, pair[0]), root(&group, pair[1]));
                group.insert(a.max(b), a.min(b));
                group.entry(a.min(b)).or_insert(a.min(b));
            }
        }
        let groups: BTreeSet<i64> = group.keys().map(|&id| root(&group, id)).collect();
        assert!(groups.len() <= 2, "seed {seed}: {} groups", groups.len());
    }
}

#[test]
fn each_house_stands_beside_its_own_street() {
    let town = four(0);
    let map = parse(&town.streets_osm_xml);
    let mut lines: BTreeMap<&str, Vec<Vec<LonLat>>> = BTreeMap::new();
    for (nodes, tags) in map.highways() {
        if let Some(name) = tags.get("name") {
            lines.entry(name).or_default().push(map.line(nodes));
        }
    }
    let mut seen = BTreeSet::new();
    for address in &town.addresses {
        let near = lines[address.street.as_str()].iter().map(|line| metres_to_line(address.position, line));
        let metres = near.fold(f64::INFINITY, f64::min);
        assert!((3.0..10.5).contains(&metres), "{}: {metres} m from its street", address.label());
        assert!(seen.insert(address.label()), "{} twice", address.label());
    }
    let ids: BTreeSet<&str> = town.addresses.iter().map(|address| address.id.as_str()).collect();
    assert_eq!(ids.len(), town.addresses.len());
    assert!((3_000..9_000).contains(&ids.len()), "{}", ids.len());
}

#[test]
fn ten_volunteers_are_uneven_and_no_one_has_more_cases_than_places() {
    for seed in SEEDS {
        let town = four(seed);
        assert_eq!(town.volunteers.len(), 10);
        let load = |reference: &str| {
            let of = |case: &&Case| case.volunteer.as_deref() == Some(reference) && case.state.takes_a_place();
            town.cases.iter().filter(of).count() as u32
        };
        for volunteer in &town.volunteers {
            assert_eq!(volunteer.capacity, 6);
            assert!(load(&volunteer.reference) <= volunteer.capacity);
            assert!(volunteer.active || load(&volunteer.reference) == 0);
        }
        let count = |test: fn(&Volunteer) -> bool| town.volunteers.iter().filter(|v| test(v)).count();
        assert_eq!(count(|v| !v.active), 1);
        assert_eq!(count(|v| v.profile == TravelProfile::ReducedMobility), 1);
        assert_eq!(count(|v| v.max_walk_min == 10), 1);
        assert_eq!(town.volunteers.iter().filter(|v| load(&v.reference) == v.capacity).count(), 1);
        let references: BTreeSet<&str> = town.volunteers.iter().map(|v| v.reference.as_str()).collect();
        let known = |case: &Case| case.volunteer.as_deref().is_none_or(|reference| references.contains(reference));
        assert!(town.cases.iter().all(known));
    }
}

#[test]
fn sixty_cases_show_every_situation() {
    for seed in SEEDS {
        let town = four(seed);
        let index = QuarterIndex::build(four_quarters()).expect("built");
        let count = |state: CaseState| town.cases.iter().filter(|case| case.state == state).count();
        assert_eq!(town.cases.len(), 60);
        assert_eq!(count(CaseState::Accompanied), 25);
        assert_eq!([count(CaseState::Reported), count(CaseState::ToQualify), count(CaseState::Qualified)], [8, 6, 9]);
        assert_eq!([count(CaseState::Informing), count(CaseState::Proposed), count(CaseState::Accepted)], [5, 3, 2]);
        assert_eq!(town.cases.iter().filter(|case| case.in_danger()).count(), 2);
        assert!(town.cases.iter().filter(|case| case.in_danger()).all(|case| case.state == CaseState::Reported));
        let unlocated: Vec<&Case> = town.cases.iter().filter(|case| case.position.is_none()).collect();
        assert_eq!(unlocated.len(), 1);
        assert!(unlocated[0].address.starts_with("près de"), "{}", unlocated[0].address);
        let outside = town.cases.iter().filter_map(|case| case.position).filter_map(|p| match index.sector(p) {
            Sector::Outside { distance_m, .. } => Some(distance_m),
            Sector::Inside(_) => None,
        });
        let outside: Vec<f64> = outside.collect();
        assert_eq!(outside.len(), 2);
        assert!(outside.iter().all(|&metres| metres < 450.0));
        assert!(town.cases.iter().all(|case| case.volunteer.is_some() == case.state.takes_a_place()));
        assert_eq!(town.cases[0].reference, "C-0001");
        assert_eq!(town.cases[59].reference, "C-0060");
        let places: BTreeSet<&str> = town.cases.iter().map(|case| case.address.as_str()).collect();
        assert_eq!(places.len(), 60);
    }
}

#[test]
fn eighty_relays_are_of_all_kinds_and_45_bear_a_sticker() {
    for seed in SEEDS {
        let town = four(seed);
        assert_eq!(town.relays.len(), 80);
        let kinds: BTreeSet<&str> = town.relays.iter().map(|relay| relay.kind.code()).collect();
        assert_eq!(kinds.len(), 14);
        assert_eq!(town.relays.iter().filter(|relay| relay.bears_a_sticker()).count(), 45);
        let public = |relay: &&Relay| matches!(relay.kind.code(), "habitant" | "voisin" | "representant_culte");
        assert!(town.relays.iter().filter(public).all(|relay| !relay.premises && !relay.bears_a_sticker()));
        assert!(town.relays.iter().all(|relay| relay.position.is_some() || !relay.premises));
    }
}

#[test]
fn every_telephone_number_is_kept_for_fiction() {
    let town = four(0);
    let numbers = town.cases.iter().map(|case| &case.phone).chain(town.volunteers.iter().map(|v| &v.phone));
    for number in numbers.filter(|number| !number.is_empty()) {
        assert!(number.starts_with("01 99 00 ") || number.starts_with("06 39 98 "), "{number}");
        assert_eq!(number.len(), 14);
    }
}

#[test]
fn a_visible_share_of_the_streets_is_far_from_every_volunteer() {
    for seed in 0..4 {
        let index = QuarterIndex::build(four_quarters()).expect("built");
        let mut dice = Dice::new(seed);
        let town = town::Town::build(&index, &mut dice);
        let homes = town.homes(&index, &mut dice);
        let (volunteers, _) = people::people(&town, &homes, &mut dice);
        let free: Vec<&town::Home> = volunteers
            .iter()
            .filter(|volunteer| volunteer.active && volunteer.reference != "BV-01")
            .filter_map(|volunteer| homes.iter().find(|home| Some(home.address.position) == volunteer.position))
            .collect();
        assert_eq!(free.len(), 8);
        let walks = reach::Walks::new(&town);
        let (share, worst) = walks.uncovered_shares(&free, 750.0);
        assert!((0.15..0.35).contains(&share), "seed {seed}: {share}");
        assert!(worst < 0.95, "seed {seed}: {worst} of one quarter");
    }
}

#[test]
fn any_quarters_will_do() {
    assert_eq!(generate(&[], 1), Demonstration::default());
    let tiny = quarter("tiny", &[(-2.090, 47.648), (-2.089_9, 47.648), (-2.089_9, 47.648_1)]);
    let slim = quarter("slim", &[(24.93, 60.16), (24.96, 60.163), (24.96, 60.163_2)]);
    let apart = [
        quarter("a", &[(0.1, 49.4), (0.11, 49.4), (0.11, 49.41)]),
        quarter("b", &[(0.2, 49.4), (0.21, 49.4), (0.21, 49.41)]),
    ];
    for quarters in [vec![tiny], vec![slim], apart.to_vec()] {
        let town = generate(&quarters, 1);
        assert!(!parse(&town.streets_osm_xml).ways.is_empty());
        let around = Extent::around(town.addresses.iter().map(|address| address.position));
        assert!(around.is_some());
        let index = QuarterIndex::build(quarters).expect("built");
        for address in &town.addresses {
            if let Sector::Outside { distance_m, .. } = index.sector(address.position) {
                assert!(distance_m < MARGIN_M + 150.0, "{distance_m}");
            }
        }
    }
}

#[test]
fn a_whole_county_gets_wider_blocks_not_a_longer_wait() {
    let county = quarter("county", &[(0.0, 49.0), (1.5, 49.0), (1.5, 49.9), (0.0, 49.9)]);
    let town = generate(&[county], 1);
    assert!(town.streets_osm_xml.len() < 40_000_000, "{}", town.streets_osm_xml.len());
}
