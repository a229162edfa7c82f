//! The demonstration goes through the same importers as real files, and arrives whole.

use bienveilleurs::cli::demonstration::{self, DemonstrationArgs};
use bienveilleurs::cli::error::CliError;
use bienveilleurs::domain::position::Extent;
use bienveilleurs::domain::travel::TravelProfile;
use bienveilleurs::domain::units::Meters;
use bienveilleurs::format::addresses::{read_addresses, write_ban};
use bienveilleurs::format::people::{
    read_cases, read_relays, read_volunteers, write_cases, write_relays, write_volunteers,
};
use bienveilleurs::format::quarters::{ReadOptions, read_quarters};
use bienveilleurs::service::demonstration::{Demonstration, generate};
use bienveilleurs::service::streets::compile;

use crate::app::{self, TestApp, now};

fn demonstration() -> Demonstration {
    let file = include_bytes!("../../data/quartiers.geojson");
    let quarters = read_quarters(file, "quartiers.geojson", &ReadOptions::default()).expect("read").quarters;
    generate(&quarters, 2020)
}

#[test]
fn its_people_and_places_survive_their_csv_files() {
    let town = demonstration();
    let extent = Extent::around(town.addresses.iter().map(|address| address.position));
    let mut file = Vec::new();
    write_cases(&town.cases, &mut file).expect("written");
    let cases = read_cases(file.as_slice(), extent).expect("read");
    assert!(cases.errors.is_empty(), "{:?}", cases.errors);
    assert!(cases.rows.iter().map(|(_, row)| row).eq(&town.cases));
    let mut file = Vec::new();
    write_volunteers(&town.volunteers, &mut file).expect("written");
    let volunteers = read_volunteers(file.as_slice(), extent).expect("read");
    assert!(volunteers.errors.is_empty(), "{:?}", volunteers.errors);
    assert!(volunteers.rows.iter().map(|(_, row)| row).eq(&town.volunteers));
    let mut file = Vec::new();
    write_relays(&town.relays, &mut file).expect("written");
    let relays = read_relays(file.as_slice(), extent).expect("read");
    assert!(relays.errors.is_empty(), "{:?}", relays.errors);
    assert!(relays.rows.iter().map(|(_, row)| row).eq(&town.relays));
    let mut file = Vec::new();
    write_ban(&town.addresses, &mut file).expect("written");
    let addresses = read_addresses(file.as_slice(), extent).expect("read");
    assert_eq!(addresses.addresses, town.addresses);
}

#[test]
fn its_streets_become_a_network_with_one_island_and_every_door_near_it() {
    let town = demonstration();
    let (network, report) = compile(|| Ok(town.streets_osm_xml.as_bytes()), None).expect("compiled");
    assert_eq!(report.islands, 1, "the landing stage in the dock");
    assert!(report.dropped_access > 0 && report.junctions > 500, "{report:?}");
    for address in &town.addresses {
        assert!(network.snap(address.position, TravelProfile::Foot, Meters(12.0)).is_some(), "{}", address.label());
    }
}

#[tokio::test]
async fn it_never_covers_data_that_was_there_before() {
    let app = TestApp::empty().await;
    let relays = generate(&app.store.quarters().await.expect("quarters"), 2020).relays;
    app.store.upsert_relays(&relays[..1], app::author()).await.expect("a relay of its own");
    let args = DemonstrationArgs { seed: 2020, once: false, files_only: None };
    let refused =
        demonstration::run(&args, &app.store, app.folder.path(), &app.policy.passwords, now(), &mut Vec::new()).await;
    assert!(matches!(refused, Err(CliError::RealData)), "{refused:?}");
    assert!(app.store.cases().await.expect("read").is_empty());
    assert!(app.store.meta("demonstration").await.expect("read").is_none());
}
