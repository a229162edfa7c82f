//! Both ways without loss, and every bad file that the desk has ever sent.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Cursor, Read};

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::case::{Case, CaseState, Cause, IsolationDuration, Need, ReportChannel, Sign, SubjectKind};
use crate::domain::case_life::Closing;
use crate::domain::position::LonLat;
use crate::domain::relay::{Relay, RelayKind, StickerState};
use crate::domain::travel::TravelProfile;
use crate::domain::volunteer::Volunteer;

const LE_HAVRE: Extent = Extent { west: 0.05, south: 49.45, east: 0.25, north: 49.55 };

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["['=+@\t\r\n;,\"| a-]{0,8}", "[^\\x00]{0,20}", Just("=1+1".to_owned()), Just("é".repeat(500))]
}

fn reference() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Z]{1,2}-[0-9]{1,4}", "['=+@;\",-]{1,3}", "[A-Zé] ?[0-9]"]
}

fn position() -> impl Strategy<Value = Option<LonLat>> {
    prop_oneof![Just(None), (-180.0..=180.0f64, -90.0..=90.0f64).prop_map(|(lon, lat)| LonLat::try_new(lon, lat).ok()),]
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (1900..=2200i32, 1..=366u32).prop_filter_map("a day of that year", |(year, day)| NaiveDate::from_yo_opt(year, day))
}

/// To the millionth of a second, as both databases keep it.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..4_000_000_000_i64, 0..1_000_000_u32)
        .prop_filter_map("an instant", |(s, us)| DateTime::from_timestamp(s, us * 1000))
}

fn one<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn languages() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["fr", "ar", "pt", "rom"], 0..=4)
        .prop_shuffle()
        .prop_map(|codes| codes.into_iter().map(str::to_owned).collect())
}

fn several<T: Copy + Ord + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = BTreeSet<T>> {
    prop::collection::btree_set(one(all), 0..=all.len())
}

prop_compose! {
    fn a_case()(
        texts in (reference(), text(), text(), text(), text(), text()),
        state in one(CaseState::ALL),
        subject in one(SubjectKind::ALL),
        position in position(),
        causes in several(Cause::ALL),
        duration in one(IsolationDuration::ALL),
        signs in several(Sign::ALL),
        told in (languages(), several(Need::ALL)),
        channel in one(ReportChannel::ALL),
        reported_on in day(),
        volunteers in [prop::option::of(reference()), prop::option::of(reference())],
        days in prop::array::uniform6(prop::option::of(day())),
        end in (prop::option::of(one(Closing::ALL)), prop::option::of(instant())),
    ) -> Case {
        let (reference, family_name, given_name, phone, address, notes) = texts;
        let ((languages, needs), [volunteer, backup], (closing, proposed_at)) = (told, volunteers, end);
        let [informed_on, last_contact_on, agreed_on, next_contact_on, review_on, danger_cleared_on] = days;
        Case {
            reference, state, subject, family_name, given_name, phone, address, position, causes, duration, signs,
            languages, needs, channel, reported_on, notes, volunteer, backup, proposed_at, informed_on, last_contact_on,
            agreed_on, next_contact_on, review_on, danger_cleared_on, closing,
        }
    }
}

prop_compose! {
    fn a_volunteer()(
        texts in (reference(), text(), text(), text(), text(), text()),
        position in position(),
        active in any::<bool>(),
        capacity in 0..=50u32,
        max_walk_min in 1..=120u32,
        profile in one(TravelProfile::ALL),
        languages in languages(),
        needs in several(Need::ALL),
        cleared in any::<bool>(),
    ) -> Volunteer {
        let (reference, family_name, given_name, phone, email, address) = texts;
        Volunteer {
            reference, family_name, given_name, phone, email, address, position, active, capacity, max_walk_min, profile,
            languages, needs, cleared,
        }
    }
}

prop_compose! {
    fn a_relay()(
        texts in (reference(), text(), text()),
        kind in one(RelayKind::ALL),
        position in position(),
        premises in any::<bool>(),
        sticker in one(StickerState::ALL),
        sticker_on in prop::option::of(day()),
    ) -> Relay {
        let (reference, name, address) = texts;
        Relay { reference, name, kind, address, position, premises, sticker, sticker_on }
    }
}

/// Each reference once.
fn distinct<T>(values: Vec<T>, reference: impl Fn(&T) -> &str) -> Vec<T> {
    let mut seen = BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(reference(value).to_owned())).collect()
}

fn rows<T>(parsed: Parsed<T>) -> Vec<T> {
    assert_eq!(parsed.errors, []);
    parsed.rows.into_iter().map(|(_, row)| row).collect()
}

proptest! {
    #[test]
    fn cases_come_back_as_they_were_written(cases in prop::collection::vec(a_case(), 0..5)) {
        let cases = distinct(cases, |case| &case.reference);
        let mut bytes = Vec::new();
        write_cases(&cases, &mut bytes).expect("a vector takes all");
        prop_assert_eq!(rows(read_cases(&bytes[..], None).expect("readable")), cases);
    }

    #[test]
    fn volunteers_come_back_as_they_were_written(volunteers in prop::collection::vec(a_volunteer(), 0..5)) {
        let volunteers = distinct(volunteers, |volunteer| &volunteer.reference);
        let mut bytes = Vec::new();
        write_volunteers(&volunteers, &mut bytes).expect("a vector takes all");
        prop_assert_eq!(rows(read_volunteers(&bytes[..], None).expect("readable")), volunteers);
    }

    #[test]
    fn relays_come_back_as_they_were_written(relays in prop::collection::vec(a_relay(), 0..5)) {
        let relays = distinct(relays, |relay| &relay.reference);
        let mut bytes = Vec::new();
        write_relays(&relays, &mut bytes).expect("a vector takes all");
        prop_assert_eq!(rows(read_relays(&bytes[..], None).expect("readable")), relays);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let with_header = [b"reference;nom;canal;signale_le;lon;lat;type\n", &bytes[..]].concat();
        for bytes in [&bytes[..], &with_header] {
            let _ = read_cases(bytes, Some(LE_HAVRE));
            let _ = read_volunteers(bytes, None);
            let _ = read_relays(bytes, None);
        }
    }
}

fn whole_file_error(bytes: &[u8]) -> InputError {
    read_cases(bytes, None).expect_err("the file is refused")
}

fn row_errors(text: &str) -> Vec<InputError> {
    read_cases(text.as_bytes(), Some(LE_HAVRE)).expect("the file is read").errors
}

#[test]
fn the_smallest_file_gets_the_usual_values() {
    let parsed = read_volunteers(&b"reference;nom\nBV-1;B.\n"[..], None).expect("readable");
    let expected = Volunteer {
        reference: "BV-1".into(),
        family_name: "B.".into(),
        given_name: String::new(),
        phone: String::new(),
        email: String::new(),
        address: String::new(),
        position: None,
        active: true,
        capacity: 6,
        max_walk_min: 20,
        profile: TravelProfile::Foot,
        languages: Vec::new(),
        needs: BTreeSet::new(),
        cleared: true,
    };
    assert_eq!(parsed.rows, [(2, expected)]);
    assert_eq!(parsed.warnings, []);
}

#[test]
fn headers_and_codes_are_understood_as_people_write_them() {
    let text = "\u{feff}Référence,CANAL,Signalé le,Longitude,LATITUDE,État,Téléphone\n\
        C-1,Téléphone,03/11/2026,\"0,13\",49.49,to qualify,'+33 6\n";
    let parsed = read_cases(text.as_bytes(), Some(LE_HAVRE)).expect("readable");
    assert_eq!((parsed.errors, parsed.warnings), (vec![], vec![]));
    let case = &parsed.rows[0].1;
    assert_eq!(case.channel, ReportChannel::Telephone);
    assert_eq!(case.reported_on.to_string(), "2026-11-03");
    assert_eq!(case.position.map(|p| (p.lon(), p.lat())), Some((0.13, 49.49)));
    assert_eq!(case.state, CaseState::ToQualify);
    assert_eq!(case.phone, "+33 6");
}

#[test]
fn latin_1_is_refused_with_its_line_and_column_and_what_to_do() {
    let error = whole_file_error(
        b"reference;canal;signale_le;nom\nC-1;voisin;2026-11-03;Bon\nC-2;voisin;2026-11-03;Lef\xe8vre\n",
    );
    assert_eq!(
        error.to_string(),
        "line 3: nom: the text is not UTF-8 (Latin-1, probably). Save the file as \"CSV UTF-8\" and give it again"
    );
}

#[test]
fn utf_16_is_refused() {
    let bytes: Vec<u8> =
        [0xfeff_u16].into_iter().chain("reference;nom\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(whole_file_error(&bytes).code, "not_utf8");
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(whole_file_error(b"").code, "empty_file");
    assert_eq!(whole_file_error(b"\xef\xbb\xbf\r\n").code, "empty_file");
}

#[test]
fn a_header_without_rows_is_read_and_said() {
    let parsed = read_relays(&b"reference;nom;type\n"[..], None).expect("readable");
    assert!(parsed.rows.is_empty() && parsed.errors.is_empty());
    assert_eq!(parsed.warnings[0].code, "no_rows");
}

#[test]
fn a_missing_mandatory_column_is_named() {
    let error = whole_file_error(b"reference;nom\nC-1;x\n");
    assert_eq!((error.code, error.field.as_deref(), error.line), ("missing_column", Some("canal"), Some(1)));
    assert_eq!(whole_file_error(b"reference;ref;canal;signale_le\n").code, "column_twice");
}

#[test]
fn an_unknown_column_is_a_warning() {
    let parsed = read_relays(&b"reference;nom;type;couleur\nR-1;x;club;bleu\n"[..], None).expect("readable");
    assert_eq!(parsed.rows.len(), 1);
    assert_eq!(parsed.warnings[0].code, "unknown_column");
    assert_eq!(parsed.warnings[0].field.as_deref(), Some("couleur"));
}

#[test]
fn a_gigabyte_on_one_line_is_refused_after_a_mebibyte() {
    let start = Cursor::new(b"reference;canal;signale_le;notes\nC-1;voisin;2026-11-03;".to_vec());
    let error = read_cases(start.chain(io::repeat(b'x').take(1 << 30)), None).expect_err("refused");
    assert_eq!((error.code, error.line), ("record_too_long", Some(2)));
    let error = read_cases(io::repeat(b'x').take(1 << 30), None).expect_err("refused");
    assert_eq!((error.code, error.line), ("record_too_long", Some(1)));
}

#[test]
fn each_bad_cell_is_reported_with_line_column_value_and_remedy() {
    let bad = [
        ("NaN;49.5", "not_finite", "lon", "NaN"),
        ("0.1;inf", "not_finite", "lat", "inf"),
        ("49.5;0.1", "swapped_axes", "lon", "49.5"),
        ("181;49.5", "out_of_range", "lon", "181"),
        ("0.1;-90.5", "out_of_range", "lat", "-90.5"),
        ("493000;6938000", "out_of_range", "lon", "493000"),
        ("0.1;", "half_a_position", "lat", ""),
        ("ici;49.5", "not_a_number", "lon", "ici"),
    ];
    for (cells, code, field, value) in bad {
        let errors = row_errors(&format!("reference;canal;signale_le;lon;lat\nC-1;voisin;2026-11-03;{cells}\n"));
        assert_eq!(errors.len(), 1, "{cells}: {errors:?}");
        let error = &errors[0];
        assert_eq!((error.code, error.line), (code, Some(2)), "{cells}");
        assert_eq!((error.field.as_deref(), error.value.as_deref()), (Some(field), Some(value)), "{cells}");
        assert!(!error.remedy.is_empty());
    }
    for (row, code) in [
        (";voisin;2026-11-03;", "missing_value"),
        ("C-1;;2026-11-03;", "missing_value"),
        ("C-1;pigeon;2026-11-03;", "not_in_list"),
        ("C-1;voisin;;", "missing_value"),
        ("C-1;voisin;2026-02-30;", "not_a_date"),
        ("C-1;voisin;03/11/26;", "not_a_date"),
        ("C-1;voisin;0026-11-03;", "not_a_date"),
        ("C-1;voisin;2026-11-03;a\0b", "nul_character"),
        ("C\0;voisin;2026-11-03;", "bad_reference"),
        ("C-1;voisin", "cell_count"),
        ("C-1;voisin;2026-11-03;x;y", "cell_count"),
    ] {
        let errors = row_errors(&format!("reference;canal;signale_le;notes\n{row}\n"));
        assert!(errors.iter().any(|error| error.code == code), "{row:?}: {errors:?}");
    }
    let long = format!("reference;canal;signale_le;notes\nC-1;voisin;2026-11-03;{}\n", "é".repeat(501));
    assert_eq!(row_errors(&long)[0].code, "text_too_long");
}

#[test]
fn a_nul_in_the_header_is_refused() {
    assert_eq!(whole_file_error(b"\0reference\0;nom\n").code, "missing_column");
}

#[test]
fn good_rows_are_kept_beside_bad_ones_and_a_reference_counts_once() {
    let text = "reference;nom;type\nR-1;a;club\nR-2;b;boutique\n;;\nR-1;c;club\nR-3;d;voisin\n";
    let parsed = read_relays(text.as_bytes(), None).expect("readable");
    assert_eq!(
        parsed.rows.iter().map(|(line, relay)| (*line, relay.reference.as_str())).collect::<Vec<_>>(),
        [(2, "R-1"), (6, "R-3")]
    );
    assert_eq!(parsed.refused, 2);
    assert_eq!(
        parsed.errors.iter().map(|e| (e.line, e.code)).collect::<Vec<_>>(),
        [(Some(3), "not_in_list"), (Some(5), "duplicate_reference")]
    );
}

#[test]
fn a_swapped_position_is_only_seen_with_the_studys_extent_and_an_outside_one_is_kept() {
    let text = "reference;canal;signale_le;lon;lat\nC-1;voisin;2026-11-03;49.5;0.1\nC-2;voisin;2026-11-03;2.35;48.85\n";
    assert_eq!(read_cases(text.as_bytes(), None).expect("readable").rows.len(), 2);
    let parsed = read_cases(text.as_bytes(), Some(LE_HAVRE)).expect("readable");
    assert_eq!(parsed.rows.len(), 1);
    assert_eq!(parsed.errors[0].code, "swapped_axes");
}

#[test]
fn a_thousand_errors_are_kept_and_all_are_counted() {
    let mut text = String::from("reference;nom;type\n");
    for i in 0..5000 {
        writeln!(text, "R-{i};x;boutique").expect("a String takes what is written");
    }
    let parsed = read_relays(text.as_bytes(), None).expect("readable");
    assert_eq!((parsed.refused, parsed.errors.len()), (5000, 1000));
}
