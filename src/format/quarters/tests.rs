//! The reader of quarters on good, odd and wrong files.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn options() -> ReadOptions {
    ReadOptions::default()
}

fn square(x: f64, y: f64, size: f64) -> Value {
    json!([[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]])
}

fn feature(name: &str, coordinates: &Value) -> Value {
    json!({"type": "Feature", "properties": {"nom": name}, "geometry": {"type": "Polygon", "coordinates": coordinates}})
}

fn collection(features: &[Value]) -> Value {
    json!({"type": "FeatureCollection", "features": features})
}

fn read(file: &Value) -> Result<QuartersRead, Vec<InputError>> {
    read_quarters(file.to_string().as_bytes(), "town.geojson", &options())
}

/// Codes and places of the errors.
fn refused(file: &Value) -> Vec<(&'static str, String)> {
    codes(read(file).expect_err("refused"))
}

fn codes(errors: Vec<InputError>) -> Vec<(&'static str, String)> {
    errors.into_iter().map(|error| (error.code, error.field.unwrap_or_default())).collect()
}

fn refused_text(text: &str) -> InputError {
    let mut errors = read_quarters(text.as_bytes(), "town.geojson", &options()).expect_err("refused");
    assert_eq!(errors.len(), 1);
    errors.remove(0)
}

#[test]
fn a_foreign_file_is_official_and_bears_its_name_as_source() {
    let read = read(&collection(&[feature("Saint-Léon", &square(0.13, 49.49, 0.01))])).expect("read");
    let quarter = &read.quarters[0];
    assert_eq!((quarter.id.as_str(), quarter.name.as_str()), ("saint-leon", "Saint-Léon"));
    assert_eq!((quarter.precision, quarter.source.as_str()), (Precision::Official, "town.geojson"));
    assert_eq!((quarter.licence.as_str(), quarter.drawn_on), ("", None));
    assert_eq!(read.warnings, []);
}

#[test]
fn orientation_is_mended_in_silence() {
    let outer = [[0.0, 0.0], [0.0, 0.09], [0.09, 0.09], [0.09, 0.0], [0.0, 0.0]];
    let hole = [[0.03, 0.03], [0.06, 0.03], [0.06, 0.06], [0.03, 0.06], [0.03, 0.03]];
    let read = read(&collection(&[feature("A", &json!([outer, hole]))])).expect("read");
    let rings = &read.quarters[0].polygons[0];
    assert!(check::turn(&rings[0]) > 0.0 && check::turn(&rings[1]) < 0.0);
    assert_eq!(read.warnings, []);
}

#[test]
fn an_open_ring_is_closed_with_a_warning() {
    let open = json!([[[0.1, 49.0], [0.2, 49.0], [0.2, 49.1], [0.2, 49.1]]]);
    let read = read(&collection(&[feature("A", &open)])).expect("read");
    assert_eq!(read.quarters[0].polygons[0][0].len(), 4);
    assert_eq!(codes(read.warnings), [("ring_closed", "A, ring 1".to_owned())]);
}

#[test]
fn a_ring_that_crosses_itself_is_refused_with_its_number() {
    let bow_tie = json!([[0.10, 49.0], [0.12, 49.01], [0.12, 49.0], [0.10, 49.01], [0.10, 49.0]]);
    let fine = &square(0.2, 49.0, 0.01)[0];
    let file = collection(&[
        feature("Fine", &json!([fine])),
        json!({"type": "Feature", "properties": {"nom": "Crossed"},
               "geometry": {"type": "MultiPolygon", "coordinates": [[square(0.3, 49.0, 0.01)[0]], [bow_tie]]}}),
    ]);
    assert_eq!(refused(&file), [("self_intersection", "Crossed, ring 2".to_owned())]);
}

#[test]
fn a_spike_and_a_ring_that_touches_itself_are_refused() {
    let spike = json!([[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [2.0, 5.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]]);
    let pinch = json!([[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 0.0], [0.0, 4.0], [0.0, 0.0]]]);
    for wrong in [spike, pinch] {
        assert_eq!(refused(&collection(&[feature("A", &wrong)])), [("self_intersection", "A, ring 1".to_owned())]);
    }
}

#[test]
fn every_problem_is_reported_not_only_the_first() {
    let short = json!([[[0.1, 49.0], [0.2, 49.0], [0.1, 49.0]]]);
    let line = json!([[[0.1, 49.0], [0.2, 49.0], [0.3, 49.0], [0.1, 49.0]]]);
    let far = json!([[[0.1, 49.0], [0.2, 99.0], [0.3, 49.1], [0.1, 49.0]]]);
    let text = json!([[[0.1, 49.0], ["0.2", 49.0], [0.3, 49.1], [0.1, 49.0]]]);
    let point = json!({"type": "Feature", "properties": {"nom": "Point"}, "geometry": {"type": "Point", "coordinates": [0.1, 49.0]}});
    let nothing = json!({"type": "Feature", "properties": {"nom": "Nothing"}, "geometry": null});
    let file = collection(&[
        feature("Short", &short),
        feature("Line", &line),
        feature("Far", &far),
        feature("Text", &text),
        feature("Empty", &json!([])),
        feature("", &square(0.1, 49.0, 0.1)),
        point,
        nothing,
    ]);
    let mut found = refused(&file);
    found.sort_unstable();
    let expected = [
        ("bad_coordinate", "Far, ring 1"),
        ("bad_coordinate", "Text, ring 1"),
        ("no_feature", "Empty"),
        ("no_name", "feature 6, nom"),
        ("ring_too_short", "Short, ring 1"),
        ("self_intersection", "Line, ring 1"),
        ("wrong_geometry", "Nothing"),
        ("wrong_geometry", "Point"),
    ];
    assert_eq!(found, expected.map(|(code, place)| (code, place.to_owned())));
}

#[test]
fn overlapping_quarters_are_refused_with_both_names_and_the_area() {
    let file = collection(&[
        feature("Est", &square(0.109, 49.0, 0.01)),
        feature("Nord", &square(0.2, 49.0, 0.01)),
        feature("Ouest", &square(0.1, 49.0, 0.01)),
    ]);
    let errors = read(&file).expect_err("refused");
    assert_eq!(errors.len(), 1);
    // 0.001° × 0.01° at 49°: 73.2 m × 1,112 m.
    assert!(errors[0].problem.starts_with("Est and Ouest overlap by 813"), "{}", errors[0].problem);
    assert_eq!((errors[0].code, errors[0].field.as_deref()), ("overlap", Some("Est, Ouest")));
}

#[test]
fn a_sliver_of_overlap_under_a_square_metre_is_let_through() {
    let file = collection(&[feature("A", &square(0.1, 49.0, 0.01)), feature("B", &square(0.109_999_99, 49.0, 0.01))]);
    assert_eq!(read(&file).expect("read").quarters.len(), 2);
}

#[test]
fn neighbours_with_an_exact_shared_border_do_not_overlap() {
    let file = collection(&[feature("A", &square(0.1, 49.0, 0.01)), feature("B", &square(0.11, 49.0, 0.01))]);
    assert!(read(&file).is_ok());
}

#[test]
fn holes_and_parts_in_the_wrong_place_are_refused() {
    let ring = |x: f64, y: f64, size: f64| square(x, y, size)[0].clone();
    let hole_out = feature("A", &json!([ring(0.1, 49.0, 0.01), ring(0.2, 49.0, 0.001)]));
    let holes = feature("A", &json!([ring(0.1, 49.0, 0.01), ring(0.102, 49.002, 0.002), ring(0.103, 49.003, 0.002)]));
    let parts = collection(&[feature("A", &square(0.1, 49.0, 0.01)), feature("a", &square(0.105, 49.0, 0.01))]);
    assert_eq!(refused(&collection(&[hole_out])), [("hole_outside", "A, ring 2".to_owned())]);
    assert_eq!(refused(&collection(&[holes])), [("holes_overlap", "A, ring 3".to_owned())]);
    assert_eq!(refused(&parts), [("parts_overlap", "A, ring 2".to_owned())]);
}

#[test]
fn features_of_one_name_become_one_quarter() {
    let file = collection(&[feature("A", &square(0.1, 49.0, 0.01)), feature("a", &square(0.11, 49.0, 0.01))]);
    let read = read(&file).expect("read");
    assert_eq!(read.quarters.len(), 1);
    assert_eq!(read.quarters[0].polygons.len(), 2);
    assert_eq!(codes(read.warnings), [("joined", "a".to_owned())]);
}

#[test]
fn swapped_axes_are_refused_by_name() {
    let file = collection(&[feature("Saint-Léon", &square(49.49, 0.13, 0.01)), feature("B", &square(0.1, 49.0, 0.01))]);
    assert_eq!(refused(&file), [("swapped_axes", "Saint-Léon, ring 1".to_owned())]);
    let out_of_range = collection(&[feature("Nord", &square(60.0, 100.0, 0.01))]);
    assert_eq!(refused(&out_of_range), [("swapped_axes", "Nord, ring 1".to_owned())]);
}

#[test]
fn quarters_outside_france_are_no_swapped_axes() {
    assert!(read(&collection(&[feature("Kluuvi", &square(24.94, 60.16, 0.01))])).is_ok());
    assert!(read(&collection(&[feature("Bergheim", &square(8.68, 49.41, 0.01))])).is_ok());
}

#[test]
fn lambert_93_is_recognised_and_converted_with_or_without_its_name() {
    let metres = json!([[
        [494_000.0, 6_936_000.0],
        [494_500.0, 6_936_000.0],
        [494_500.0, 6_936_500.0],
        [494_000.0, 6_936_000.0]
    ]]);
    let mut file = collection(&[feature("Massillon", &metres)]);
    let assumed = read(&file).expect("read");
    assert_eq!(codes(assumed.warnings), [("lambert93_assumed", String::new())]);
    let corner = assumed.quarters[0].polygons[0][0][0];
    let again =
        read_quarters(write_quarters(&assumed.quarters).as_bytes(), "town.geojson", &options()).expect("read back");
    assert_eq!(again.quarters, assumed.quarters);
    assert!((0.1..0.2).contains(&corner.lon()) && (49.4..49.6).contains(&corner.lat()), "{corner:?}");
    for name in ["urn:ogc:def:crs:EPSG::2154", "EPSG:2154", "RGF93 v1 / Lambert-93", "RGF93_Lambert_93"] {
        file["crs"] = json!({"type": "name", "properties": {"name": name}});
        let named = read(&file).expect("read");
        assert_eq!((named.quarters, named.warnings), (assumed.quarters.clone(), Vec::new()), "{name}");
    }
}

#[test]
fn another_projected_system_is_refused_by_its_name() {
    let mut file = collection(&[feature(
        "A",
        &json!([[[14_471.0, 6_363_000.0], [15_000.0, 6_363_000.0], [15_000.0, 6_364_000.0], [14_471.0, 6_363_000.0]]]),
    )]);
    file["crs"] = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}});
    let errors = read(&file).expect_err("refused");
    assert_eq!((errors[0].code, errors[0].value.as_deref()), ("projected_crs", Some("urn:ogc:def:crs:EPSG::3857")));
}

#[test]
fn an_unnamed_projected_system_is_refused_with_a_guess() {
    let file = collection(&[feature("A", &square(1_494_000.0, 8_255_000.0, 500.0))]);
    let errors = read(&file).expect_err("refused");
    assert!(errors[0].problem.contains("CC49 (EPSG:3949)"), "{}", errors[0].problem);
    let file = collection(&[feature("A", &square(6_936_000.0, 494_000.0, 500.0))]);
    let errors = read(&file).expect_err("refused");
    assert!(errors[0].problem.contains("northing before easting"), "{}", errors[0].problem);
}

#[test]
fn a_lambert_93_label_on_degrees_is_refused() {
    let mut file = collection(&[feature("A", &square(0.1, 49.0, 0.01))]);
    file["crs"] = json!({"type": "name", "properties": {"name": "EPSG:2154"}});
    assert_eq!(refused(&file), [("projected_crs", "crs".to_owned())]);
}

#[test]
fn degrees_may_be_named() {
    let mut file = collection(&[feature("A", &square(0.1, 49.0, 0.01))]);
    for name in ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4171", "WGS 84"] {
        file["crs"] = json!({"type": "name", "properties": {"name": name}});
        assert!(read(&file).is_ok(), "{name}");
    }
}

#[test]
fn only_the_wanted_names_are_kept_and_checked() {
    let file = collection(&[
        feature("SAINTE MARIE", &square(0.1, 49.0, 0.01)),
        feature("Saint-Léon", &square(0.12, 49.0, 0.01)),
        feature("Danton", &json!([[[0.0, 0.0]]])),
    ]);
    let wanted = ReadOptions { only: vec!["sainte-marie".into(), "saint leon".into()], ..options() };
    let read = read_quarters(file.to_string().as_bytes(), "f", &wanted).expect("read");
    assert_eq!(read.quarters.iter().map(|q| q.id.as_str()).collect::<Vec<_>>(), ["saint-leon", "sainte-marie"]);
    let missing = ReadOptions { only: vec!["Perret".into()], ..options() };
    let errors = read_quarters(file.to_string().as_bytes(), "f", &missing).expect_err("refused");
    assert_eq!(errors[0].code, "only_not_found");
    assert_eq!(errors[0].remedy, "Names of the file: Danton, Saint-Léon, SAINTE MARIE");
}

#[test]
fn the_name_field_is_asked_for_when_none_is_usual() {
    let mut one = feature("A", &square(0.1, 49.0, 0.01));
    one["properties"] = json!({"secteur_id": "x", "grand_secteur": "Sainte-Marie", "code": 3});
    let file = collection(&[one]);
    let errors = read(&file).expect_err("refused");
    assert_eq!(errors[0].code, "no_name_field");
    assert!(errors[0].remedy.ends_with("grand_secteur, secteur_id"), "{}", errors[0].remedy);
    let asked = ReadOptions { name_field: Some("Grand-Secteur".into()), ..options() };
    let read = read_quarters(file.to_string().as_bytes(), "f", &asked).expect("read");
    assert_eq!(read.quarters[0].id, "sainte-marie");
}

#[test]
fn two_names_with_one_identifier_are_refused() {
    let mut a = feature("A", &square(0.1, 49.0, 0.01));
    let mut b = feature("B", &square(0.2, 49.0, 0.01));
    a["properties"]["id"] = json!("same");
    b["properties"]["id"] = json!("same");
    assert_eq!(refused(&collection(&[a, b])), [("duplicate_id", "id".to_owned())]);
}

#[test]
fn files_that_are_no_geojson_are_refused_with_a_place() {
    assert_eq!(refused_text("").code, "empty_file");
    assert_eq!(refused_text("\u{feff} \n").code, "empty_file");
    let cut = refused_text("{\"type\": \"FeatureCollection\",\n \"features\": [{\"type\"");
    assert_eq!((cut.code, cut.line, cut.field.as_deref()), ("truncated", Some(2), Some("column 21")));
    let nan = refused_text("{\"type\": \"FeatureCollection\", \"features\": [\n[NaN, 49.0]]}");
    assert_eq!((nan.code, nan.line), ("not_json", Some(2)));
    assert!(nan.remedy.contains("NaN"), "{nan}");
    assert_eq!(refused_text("<html>").code, "not_json");
    assert_eq!(refused_text("[1, 2]").code, "not_geojson");
    assert_eq!(refused_text("{\"type\": \"Topology\"}").code, "not_geojson");
    assert_eq!(refused_text("{\"type\": \"FeatureCollection\", \"features\": []}").code, "no_feature");
    assert_eq!(refused_text("{\"a\": 1e999}").code, "not_json");
    let latin = read_quarters(b"{\"nom\":\n \"Saint-L\xe9on\"}", "f", &options()).expect_err("refused");
    assert_eq!((latin[0].code, latin[0].line), ("not_utf8", Some(2)));
    let deep = "[".repeat(100_000);
    assert_eq!(refused_text(&deep).code, "not_json");
    let large = vec![b' '; MAX_BYTES + 1];
    assert_eq!(read_quarters(&large, "f", &options()).expect_err("refused")[0].code, "too_large");
}

fn any_quarters() -> impl Strategy<Value = Vec<Quarter>> {
    let one = (
        "[a-z]{1,8}( [A-Zé\"\\\\]{1,5})?",
        any::<bool>(),
        ".{0,12}",
        prop::option::of(0i32..20_000),
        1usize..3,
        3usize..9,
        any::<bool>(),
    );
    prop::collection::vec((one, 0.0..1.0f64), 1..6).prop_map(|all| {
        let mut quarters: Vec<Quarter> = all
            .into_iter()
            .enumerate()
            .map(|(nth, ((name, official, source, day, parts, corners, hole), turn))| {
                let ring = |lon: f64, lat: f64, size: f64, inner: bool| {
                    let mut ring: Ring = (0..corners)
                        .map(|i| {
                            let angle = (turn + i as f64 / corners as f64) * std::f64::consts::TAU;
                            let kept = |degrees: f64| (degrees * 1e9).round() / 1e9;
                            LonLat::try_new(kept(lon + size * angle.cos()), kept(lat + size * angle.sin()))
                                .expect("in range")
                        })
                        .collect();
                    ring.push(ring[0]);
                    if inner {
                        ring.reverse();
                    }
                    ring
                };
                let polygons = (0..parts)
                    .map(|part| {
                        let (lon, lat) = (0.1 + nth as f64 * 0.05, 49.0 + part as f64 * 0.05);
                        let outer = ring(lon, lat, 0.02, false);
                        if hole { vec![outer, ring(lon, lat, 0.005, true)] } else { vec![outer] }
                    })
                    .collect();
                Quarter {
                    id: slug(&format!("q{nth} {name}")),
                    name: format!("q{nth} {name}").trim().to_owned(),
                    precision: if official { Precision::Official } else { Precision::Indicative },
                    source: format!("s{source}").trim().to_owned(),
                    licence: "CC0-1.0".to_owned(),
                    drawn_on: day.and_then(NaiveDate::from_epoch_days),
                    polygons,
                }
            })
            .collect();
        quarters.sort_by(|a, b| a.id.cmp(&b.id));
        quarters
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_without_loss(quarters in any_quarters()) {
        let text = write_quarters(&quarters);
        let read = read_quarters(text.as_bytes(), "f", &options()).expect("read back");
        prop_assert_eq!(read.quarters, quarters);
        prop_assert_eq!(read.warnings, vec![]);
    }

    #[test]
    fn a_damaged_file_never_panics(cut in 0usize..4000, at in 0usize..4000, byte in any::<u8>()) {
        let mut bytes = write_quarters(&[Quarter {
            id: "a".into(), name: "A".into(), precision: Precision::Official, source: String::new(), licence: String::new(), drawn_on: None,
            polygons: vec![vec![vec![(0.1, 49.0), (0.2, 49.0), (0.2, 49.1), (0.1, 49.0)].into_iter().map(|(x, y)| LonLat::try_new(x, y).expect("in range")).collect()]],
        }]).into_bytes();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(length - cut % length);
        let _ = read_quarters(&bytes, "f", &options());
    }
}
