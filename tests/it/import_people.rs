//! From a file to the database and back, as the command line does it.

use std::fs;
use std::path::PathBuf;

use bienveilleurs::cli::error::{CliError, DONE, DONE_IN_PART, NOTHING_DONE};
use bienveilleurs::cli::export_people::{self, ExportPeopleArgs};
use bienveilleurs::cli::import_addresses::{self, ImportAddressesArgs};
use bienveilleurs::cli::import_people::{self, ImportPeopleArgs};
use bienveilleurs::domain::case::Case;
use bienveilleurs::domain::position::{Extent, LonLat};
use bienveilleurs::format::people::{write_cases, write_relays};
use bienveilleurs::service::import::{ImportOptions, People, import_cases, import_relays};
use bienveilleurs::store::Store;
use tempfile::TempDir;

use crate::store_contract::{case, relay, volunteer};
use crate::{app, databases};

const LE_HAVRE: Extent = Extent { west: 0.05, south: 49.45, east: 0.25, north: 49.55 };

/// An import by whoever writes in tests.
fn options(extent: Option<Extent>) -> ImportOptions {
    ImportOptions { all_or_nothing: false, extent, by: app::author() }
}

/// A database and a folder for files.
struct Desk {
    folder: TempDir,
    store: Store,
}

impl Desk {
    async fn new() -> Self {
        let (folder, store) = databases::sqlite().await;
        Self { folder, store }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).expect("write");
        path
    }

    async fn run(
        &self,
        people: People,
        bytes: impl AsRef<[u8]>,
        all_or_nothing: bool,
    ) -> (Result<u8, CliError>, String) {
        let args = ImportPeopleArgs { file: self.file("input.csv", bytes), all_or_nothing };
        let mut out = Vec::new();
        let code = import_people::run(people, &args, &self.store, options(Some(LE_HAVRE)), &mut out).await;
        (code, String::from_utf8(out).expect("UTF-8"))
    }

    async fn addresses(&self, bytes: impl AsRef<[u8]>, extent: Option<Extent>) -> (Result<u8, CliError>, String) {
        let args = ImportAddressesArgs { file: self.file("addresses.csv", bytes), all_or_nothing: false };
        let mut out = Vec::new();
        let code = import_addresses::run(&args, &self.store, options(extent), &mut out).await;
        (code, String::from_utf8(out).expect("UTF-8"))
    }

    async fn export(&self, people: People, name: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        let args = ExportPeopleArgs { file: file.clone() };
        assert_eq!(
            export_people::run(people, &args, &self.store, app::author(), &mut Vec::new()).await.expect("export"),
            DONE
        );
        file
    }

    async fn cases(&self) -> Vec<Case> {
        self.store.cases().await.expect("cases").into_iter().map(|(_, case)| case).collect()
    }
}

#[tokio::test]
async fn what_goes_out_comes_back_in_another_database_and_twice_changes_nothing() {
    let first = Desk::new().await;
    first.store.upsert_volunteers(&[volunteer("BV-1"), volunteer("=BV+2")], app::author()).await.expect("volunteers");
    first
        .store
        .upsert_cases(&[case("C-1"), Case { volunteer: Some("=BV+2".into()), ..case("'-C") }], app::author())
        .await
        .expect("cases");
    first.store.upsert_relays(&[relay("R-1"), relay("@R")], app::author()).await.expect("relays");

    let second = Desk::new().await;
    for (people, name) in [(People::Volunteers, "v.csv"), (People::Cases, "c.csv"), (People::Relays, "r.csv")] {
        let bytes = fs::read(first.export(people, name).await).expect("read");
        assert!(bytes.starts_with(b"\xef\xbb\xbfreference;"));
        let (code, out) = second.run(people, &bytes, true).await;
        assert_eq!(code.expect("import"), DONE, "{out}");
        assert!(out.contains("2 created, 0 updated, 0 unchanged, 0 refused"), "{out}");
        let (code, out) = second.run(people, &bytes, true).await;
        assert_eq!(code.expect("import"), DONE, "{out}");
        assert!(out.contains("0 created, 0 updated, 2 unchanged, 0 refused"), "{out}");
        assert_eq!(fs::read(second.export(people, name).await).expect("read"), bytes);
    }
    assert_eq!(second.cases().await, first.cases().await);
}

#[tokio::test]
async fn good_rows_go_in_and_bad_ones_are_reported() {
    let desk = Desk::new().await;
    let text =
        "reference;nom;type;lon;lat\nR-1;Épicerie;commercant;0.1;49.5\nR-2;x;boutique;0.1;49.5\nR-3;y;club;49.5;0.1\n";
    let (code, out) = desk.run(People::Relays, text, false).await;
    assert_eq!(code.expect("import"), DONE_IN_PART);
    assert!(
        out.contains("error: line 3: type: the value is not in the list (`boutique`). Write one of: commercant,"),
        "{out}"
    );
    assert!(
        out.contains("error: line 4: lon: longitude and latitude look swapped (`49.5`). Exchange the two columns"),
        "{out}"
    );
    assert!(out.contains("relays: 1 created, 0 updated, 0 unchanged, 2 refused"), "{out}");
    assert_eq!(desk.store.relays().await.expect("relays").len(), 1);
}

#[tokio::test]
async fn all_or_nothing_keeps_every_row_out_when_one_is_bad() {
    let desk = Desk::new().await;
    let text = "reference;nom;type\nR-1;a;club\nR-2;b;boutique\n";
    let (code, out) = desk.run(People::Relays, text, true).await;
    assert_eq!(code.expect("import"), NOTHING_DONE);
    assert!(out.contains("nothing was written: --all-or-nothing held 1 good rows back"), "{out}");
    assert!(desk.store.relays().await.expect("relays").is_empty());
    assert_eq!(desk.store.last_change().await.expect("last change"), 0);
}

#[tokio::test]
async fn a_file_that_is_bad_as_a_whole_ends_with_a_clear_error_and_writes_nothing() {
    let desk = Desk::new().await;
    let header = "reference;canal;signale_le;nom\n";
    for (bytes, code) in [
        (b"".to_vec(), "empty_file"),
        (b"reference;nom\nC-1;x\n".to_vec(), "missing_column"),
        ([header.as_bytes(), b"C-1;voisin;2026-11-03;Bon\nC-2;voisin;2026-11-03;Lef\xe8vre\n"].concat(), "not_utf8"),
        ([header.as_bytes(), b"C-1;voisin;2026-11-03;Bon\nC-2;", &vec![b'x'; 2 << 20]].concat(), "record_too_long"),
    ] {
        let (result, _) = desk.run(People::Cases, &bytes, false).await;
        let Err(CliError::Input { error, .. }) = result else { panic!("{code}: {result:?}") };
        assert_eq!(error.code, code);
    }
    let (result, out) = desk.run(People::Cases, header, false).await;
    assert_eq!(result.expect("read"), NOTHING_DONE, "{out}");
    assert!(out.contains("there is no row under the header line"), "{out}");
    assert!(desk.cases().await.is_empty());
    assert_eq!(desk.store.last_change().await.expect("last change"), 0);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let desk = Desk::new().await;
    let args = ImportPeopleArgs { file: desk.folder.path().join("none.csv"), all_or_nothing: false };
    let error = import_people::run(People::Cases, &args, &desk.store, options(None), &mut Vec::new())
        .await
        .expect_err("no file");
    assert!(error.to_string().contains("none.csv"), "{error}");
    let args = ImportPeopleArgs { file: desk.folder.path().to_owned(), all_or_nothing: false };
    import_people::run(People::Cases, &args, &desk.store, options(None), &mut Vec::new()).await.expect_err("a folder");
}

#[tokio::test]
async fn a_case_that_names_an_unknown_volunteer_is_a_bad_row() {
    let desk = Desk::new().await;
    desk.store.upsert_volunteers(&[volunteer("BV-1")], app::author()).await.expect("volunteers");
    let text = "reference;canal;signale_le;etat;benevole\nC-1;voisin;2026-11-03;accepted;BV-1\nC-2;voisin;2026-11-03;accepted;BV-9\n";
    let (code, out) = desk.run(People::Cases, text, false).await;
    assert_eq!(code.expect("import"), DONE_IN_PART);
    assert!(out.contains("error: line 3: benevole: no volunteer bears this reference (`BV-9`)"), "{out}");
    assert_eq!(desk.cases().await[0].volunteer.as_deref(), Some("BV-1"));
}

const BAN: &str = "id;numero;rep;nom_voie;code_postal;nom_commune;lon;lat\n\
    a1;12;bis;Rue des Mouettes;76600;Le Havre;0.1;49.5\n\
    a2;14;;Rue des Mouettes;76600;Le Havre;0.11;49.5\n\
    a3;14;;Rue de Paris;75001;Paris;2.35;48.85\n";

#[tokio::test]
async fn a_row_without_a_position_is_placed_by_its_address_and_never_lost() {
    let desk = Desk::new().await;
    let (code, out) = desk.addresses(BAN, Some(LE_HAVRE)).await;
    assert_eq!(code.expect("import"), DONE);
    assert!(out.contains("addresses: 2 kept; left out: 1 outside the study"), "{out}");

    let text = "reference;canal;signale_le;adresse;lon;lat\n\
        C-1;voisin;2026-11-03;12 BIS rue des mouettes, Le Havre;;\n\
        C-2;voisin;2026-11-03;13 rue des mouettes;;\n\
        C-3;voisin;2026-11-03;;;\n\
        C-4;voisin;2026-11-03;nulle part;0.12;49.51\n";
    let (code, out) = desk.run(People::Cases, text, false).await;
    assert_eq!(code.expect("import"), DONE, "{out}");
    assert!(
        out.contains("4 created, 0 updated, 0 unchanged, 0 refused; of those without lon and lat, 1 were placed by their address and 2 not"),
        "{out}"
    );
    assert!(out.contains("warning: line 3: adresse: the address was not found"), "{out}");
    assert!(out.contains("warning: line 4: adresse: the row has neither a position nor an address"), "{out}");
    let cases = desk.cases().await;
    let lons: Vec<_> = cases.iter().map(|case| case.position.map(LonLat::lon)).collect();
    assert_eq!(lons, [Some(0.1), None, None, Some(0.12)]);

    // Placed by hand since: importing the same file again keeps that place.
    let by_hand = Case { position: cases[3].position, ..cases[1].clone() };
    desk.store.upsert_cases(std::slice::from_ref(&by_hand), app::author()).await.expect("upsert");
    let (_, out) = desk.run(People::Cases, text, false).await;
    assert!(out.contains("0 created, 0 updated, 4 unchanged"), "{out}");
    assert_eq!(desk.cases().await[1], by_hand);
}

#[tokio::test]
async fn bad_address_files_leave_the_old_addresses() {
    let desk = Desk::new().await;
    desk.addresses(BAN, None).await.0.expect("import");
    let (_, out) = desk.addresses(BAN, None).await;
    assert!(out.contains("3 kept (the same as before)"), "{out}");
    let seen = desk.store.last_change().await.expect("last change");
    let elsewhere = Extent { west: 10.0, south: 10.0, east: 11.0, north: 11.0 };
    for (text, extent, code) in [
        ("", None, "empty_file"),
        ("reference;nom\nx;y\n", None, "missing_column"),
        (BAN, Some(elsewhere), "no_address"),
        ("id;numero;nom_voie;lon;lat\na;1;Rue;NaN;49\n", None, "not_finite"),
    ] {
        let (result, _) = desk.addresses(text, extent).await;
        let Err(CliError::Input { error, .. }) = result else { panic!("{code}: {result:?}") };
        assert_eq!(error.code, code);
    }
    assert_eq!(desk.store.addresses().await.expect("addresses").len(), 3);
    assert_eq!(desk.store.last_change().await.expect("last change"), seen);
}

#[tokio::test]
async fn real_address_files_are_read() {
    let Some(data) = std::env::var_os("BV_TEST_DATA") else {
        println!("SKIPPED real address files: set BV_TEST_DATA");
        return;
    };
    let folder = PathBuf::from(data).join("ban");
    for (name, expected) in [("bano-limousin-sample.csv", 2001), ("bal-sample.csv", 0), ("bal-1.4-valid.csv", 1)] {
        let desk = Desk::new().await;
        let bytes = fs::read(folder.join(name)).expect(name);
        let (code, out) = desk.addresses(&bytes, None).await;
        println!("{name}: {out}");
        assert!(code.expect(name) < NOTHING_DONE);
        let count = desk.store.addresses().await.expect("addresses").len();
        assert!(count > 0 && (expected == 0 || count == expected), "{name}: {count}");
    }
}

#[tokio::test]
async fn an_export_appears_whole_and_for_its_owner_alone() {
    let desk = Desk::new().await;
    desk.store.upsert_relays(&[relay("R-1")], app::author()).await.expect("relays");
    let file = desk.export(People::Relays, "out.csv").await;
    desk.export(People::Relays, "out.csv").await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).expect("metadata").permissions().mode() & 0o777, 0o600);
    }
    let left: Vec<_> = fs::read_dir(desk.folder.path())
        .expect("list")
        .filter_map(|entry| entry.expect("entry").file_name().into_string().ok())
        .filter(|name| name.contains(".part"))
        .collect();
    assert_eq!(left, [""; 0]);
    let mut out = Vec::new();
    let args = ExportPeopleArgs { file: "-".into() };
    export_people::run(People::Relays, &args, &desk.store, app::author(), &mut out).await.expect("export");
    assert_eq!(out, fs::read(file).expect("read"));
    for place in [desk.folder.path().to_owned(), desk.folder.path().join("none/out.csv")] {
        let args = ExportPeopleArgs { file: place };
        export_people::run(People::Relays, &args, &desk.store, app::author(), &mut Vec::new())
            .await
            .expect_err("no such place");
    }
}

#[tokio::test]
async fn ten_thousand_rows_go_in_quickly() {
    let desk = Desk::new().await;
    let cases: Vec<Case> = (0..10_000).map(|i| case(&format!("B-{i}"))).collect();
    let mut bytes = Vec::new();
    write_cases(&cases, &mut bytes).expect("write");
    let start = std::time::Instant::now();
    let report = import_cases(&desk.store, std::io::Cursor::new(bytes), options(None)).await.expect("import");
    println!("10,000 cases imported in {:?}", start.elapsed());
    assert_eq!(report.created, 10_000);
    assert!(start.elapsed().as_secs() < 20, "even on a slow machine");
}

#[tokio::test]
async fn the_same_import_runs_on_postgresql() {
    let Some(store) = databases::postgres().await else { return };
    let mut bytes = Vec::new();
    write_relays(&[relay("R-1"), relay("R-2")], &mut bytes).expect("write");
    for expected in [2, 0] {
        let source = std::io::Cursor::new(bytes.clone());
        let report = import_relays(&store, source, options(None)).await.expect("import");
        assert_eq!(report.created, expected);
    }
}

#[tokio::test]
async fn a_file_of_cases_is_not_taken_for_volunteers() {
    let desk = Desk::new().await;
    let text = "reference;etat;nom;signale_le\nC-1;reported;Exemple;2026-11-02\n";
    let (code, _) = desk.run(People::Volunteers, text, false).await;
    let error = code.expect_err("refused as a whole").to_string();
    assert!(error.contains("this looks like a file of cases"), "{error}");
    assert!(desk.store.volunteers().await.expect("read").is_empty());
}
