//! The trail: whatever is done to its tables behind the program's back is found, and its own retention leaves it verifiable.

use bienveilleurs::cli;
use bienveilleurs::cli::audit::{AuditCommand, RetainArgs};
use bienveilleurs::domain::audit::{Act, Author, Outcome, Resource, Subject};
use bienveilleurs::domain::case::CaseId;
use bienveilleurs::service::trail::{self, TrailQuery};
use bienveilleurs::store::{Flaw, Store, Verification};
use chrono::{DateTime, Months, TimeZone, Utc};
use proptest::prelude::*;
use sqlx::{AssertSqlSafe, Row};

use crate::databases;

/// A database of either kind with the programs that write to it, one that only reads, and a way past them.
struct Bench {
    url: String,
    stores: Vec<Store>,
    reader: Store,
    raw: Raw,
    _folder: Option<tempfile::TempDir>,
}

/// Raw statements on either database.
enum Raw {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

const WRITERS: [&str; 3] = ["server", "command line", "server 2"];

impl Raw {
    async fn run(&self, sql: &str) -> Result<u64, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => sqlx::query(AssertSqlSafe(sql.to_owned())).execute(pool).await?.rows_affected(),
            Self::Postgres(pool) => sqlx::query(AssertSqlSafe(sql.to_owned())).execute(pool).await?.rows_affected(),
        })
    }

    async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => sqlx::query(sql).fetch_one(pool).await.expect("a number").get(0),
            Self::Postgres(pool) => sqlx::query(sql).fetch_one(pool).await.expect("a number").get(0),
        }
    }

    /// Bytes as a literal.
    fn bytes(&self, hex: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{hex}'"),
            Self::Postgres(_) => format!("decode('{hex}', 'hex')"),
        }
    }

    async fn drop_triggers(&self) {
        let names = [
            ("audit_is_never_changed", "audit"),
            ("audit_goes_only_below_a_checkpoint", "audit"),
            ("audit_checkpoints_are_never_changed", "audit_checkpoints"),
        ];
        for (name, table) in names {
            let on = if matches!(self, Self::Postgres(_)) { format!(" on {table}") } else { String::new() };
            self.run(&format!("drop trigger if exists {name}{on}")).await.expect("dropped");
        }
    }

    /// Keeps copies of the trail's tables.
    async fn keep(&self) {
        for table in ["audit", "audit_heads", "audit_checkpoints"] {
            self.run(&format!("drop table if exists kept_{table}")).await.expect("dropped");
            self.run(&format!("create table kept_{table} as select * from {table}")).await.expect("kept");
        }
    }

    async fn put_back(&self) {
        for table in ["audit", "audit_heads", "audit_checkpoints"] {
            self.run(&format!("delete from {table}")).await.expect("deleted");
            self.run(&format!("insert into {table} select * from kept_{table}")).await.expect("put back");
        }
    }
}

async fn open(url: &str, writer: &str) -> Store {
    Store::open(url, databases::keys(), writer).await.expect("open")
}

async fn open_all(url: &str) -> Vec<Store> {
    let mut stores = Vec::new();
    for writer in WRITERS {
        stores.push(open(url, writer).await);
    }
    stores
}

impl Bench {
    /// Every program begins anew, as after a restart, and writes a line at this moment.
    async fn all_begin_anew_and_write(&self, at: DateTime<Utc>) {
        let stores = match &self.raw {
            Raw::Sqlite(pool) => self.stores.iter().map(|store| store.over(pool.clone())).collect(),
            Raw::Postgres(_) => open_all(&self.url).await,
        };
        for store in stores {
            store
                .record(&[Author::command_line(at).entry(Act::List, Resource::Cases)])
                .await
                .expect("the service goes on");
            if matches!(self.raw, Raw::Postgres(_)) {
                store.close().await;
            }
        }
    }
}

async fn sqlite() -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let url = databases::sqlite_url(&folder);
    let (stores, reader) = (open_all(&url).await, open(&url, "reader").await);
    let raw = Raw::Sqlite(sqlx::SqlitePool::connect(&url).await.expect("connect"));
    Bench { url, stores, reader, raw, _folder: Some(folder) }
}

async fn postgres() -> Option<Bench> {
    let url = databases::postgres_url().await?;
    let (stores, reader) = (open_all(&url).await, open(&url, "reader").await);
    let raw = Raw::Postgres(sqlx::PgPool::connect(&url).await.expect("connect"));
    Some(Bench { url, stores, reader, raw, _folder: None })
}

async fn both() -> Vec<Bench> {
    std::iter::once(sqlite().await).chain(postgres().await).collect()
}

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 9, 3, 8, 0, 0).single().expect("a moment")
}

/// One write to the trail: which program, how many hours after the last, how many lines, with a reason or without.
type Step = (usize, i64, usize, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..WRITERS.len(), 0_i64..900, 1_usize..4, any::<bool>()), 3..12)
}

/// Writes a trail; answers the last moment.
async fn write(bench: &Bench, steps: &[Step]) -> DateTime<Utc> {
    let mut at = start();
    for (number, (writer, hours, lines, reason)) in steps.iter().enumerate() {
        at += chrono::Duration::hours(*hours) + chrono::Duration::milliseconds(number as i64);
        let author = Author::command_line(at);
        let entries: Vec<_> = (0..*lines)
            .map(|line| {
                let entry = author.entry(Act::ALL[line], Resource::Cases).about(Subject::Case(CaseId(number as i64)));
                if *reason { entry.because(format!("motif {number}")) } else { entry }
            })
            .collect();
        bench.stores[*writer].record(&entries).await.expect("recorded");
    }
    at
}

/// By a program that has seen nothing before.
async fn verify(bench: &Bench) -> Verification {
    bench.reader.verify_trail().await.expect("read")
}

/// Every column of the trail with a value that no row has, as far as the tables take it.
fn other_values(raw: &Raw) -> Vec<(&'static str, String)> {
    vec![
        ("chain_id", "'elsewhere'".into()),
        ("seq", "seq + 1000000".into()),
        ("segment", "'2019-01'".into()),
        (
            "at",
            if matches!(raw, Raw::Sqlite(_)) { "'yesterday'".into() } else { "at + interval '1 microsecond'".into() },
        ),
        (
            "at",
            if matches!(raw, Raw::Sqlite(_)) { "'2020-01-01T00:00:00+00:00'" } else { "timestamptz '2020-01-01'" }
                .into(),
        ),
        ("actor", "'account:7'".into()),
        ("act", "'nothing'".into()),
        ("resource", "'nowhere'".into()),
        ("subject", "'00000000000000000000000000000000'".into()),
        ("records", "records + 1".into()),
        ("outcome", "case when outcome = 'done' then 'refused' else 'done' end".into()),
        ("reason", format!("case when reason is null then {} end", raw.bytes(""))),
        ("reason", raw.bytes("00ff")),
        ("mac", raw.bytes(&"00".repeat(32))),
    ]
}

/// Does to an intact trail everything that somebody could who writes to the tables, one thing after the other, each time
/// with what the programs write next (at `at`, or in the month after), and answers how many things were tried.
async fn tamper_with_everything(bench: &Bench, pick: usize, at: DateTime<Utc>) -> usize {
    let raw = &bench.raw;
    assert_eq!(verify(bench).await.findings, [], "intact before");
    raw.drop_triggers().await;
    raw.keep().await;
    let rows = raw.number("select count(*) from audit").await;
    let nth = |n: usize| {
        let offset = n as i64 % rows;
        format!("select chain_id, seq from audit order by chain_id, seq limit 1 offset {offset}")
    };
    let there = |n: usize| format!("(chain_id, seq) in ({})", nth(n));
    let mut tried = 0;
    let mut statements: Vec<(String, Vec<String>)> = Vec::new();
    for (at, (column, value)) in other_values(raw).into_iter().enumerate() {
        let edit = format!("update audit set {column} = {value} where {}", there(pick + 7 * at));
        statements.push((format!("{column} := {value}"), vec![edit]));
    }
    for at in 0..4 {
        statements
            .push((format!("row {at} removed"), vec![format!("delete from audit where {}", there(pick + 3 * at))]));
    }
    for chain in WRITERS {
        let of = format!("chain_id = '{chain}'");
        let last = format!("(select max(seq) from audit where {of})");
        statements.push((format!("{chain} cut"), vec![format!("delete from audit where {of} and seq = {last}")]));
        let whole = vec![format!("delete from audit where {of}"), format!("delete from audit_heads where {of}")];
        statements.push((format!("{chain} removed whole"), whole));
        if raw.number(&format!("select count(*) from audit where {of}")).await > 1 {
            statements.push((
                format!("{chain} cut, with its end"),
                vec![
                    format!("delete from audit where {of} and seq = {last}"),
                    format!(
                        "update audit_heads set seq = {last}, mac = (select mac from audit where {of} and seq = {last}) where {of}"
                    ),
                ],
            ));
            let end = raw.number(&format!("select max(seq) from audit where {of}")).await;
            let first = raw.number(&format!("select min(seq) from audit where {of}")).await;
            let moves = [(first, 9_999_999), (end, first), (9_999_999, end)];
            let moves = moves.map(|(from, to)| format!("update audit set seq = {to} where {of} and seq = {from}"));
            statements.push((format!("{chain}: two rows swapped"), moves.to_vec()));
        }
        for forged in ["signature", "mac"] {
            let zero = raw.bytes(&"11".repeat(32));
            statements.push((
                format!("{chain}: {forged} of its end"),
                vec![format!("update audit_heads set {forged} = {zero} where {of}")],
            ));
        }
        statements
            .push((format!("{chain}: end moved"), vec![format!("update audit_heads set seq = seq + 1 where {of}")]));
        statements.push((format!("{chain}: end lost"), vec![format!("delete from audit_heads where {of}")]));
    }
    let copied = "insert into audit select chain_id, (select max(seq) + 1 from audit b where b.chain_id = audit.chain_id), \
        segment, at, actor, act, resource, subject, records, outcome, reason, mac from audit where ";
    statements.push(("a row copied to the end".into(), vec![format!("{copied}{}", there(pick))]));
    let forged = raw.bytes(&"22".repeat(32));
    statements.push((
        "a forged checkpoint, and what it lets go".into(),
        vec![
            format!("insert into audit_checkpoints (chain_id, seq, mac, at, signature) select chain_id, seq, mac, at, {forged} from audit where {}", there(pick)),
            "delete from audit where exists (select 1 from audit_checkpoints c where c.chain_id = audit.chain_id and c.seq >= audit.seq)".into(),
        ],
    ));
    statements.push(("the roll lost".into(), vec!["delete from audit_heads where chain_id = '*'".into()]));
    statements.push((
        "a chain on the roll that never was".into(),
        vec!["update audit_heads set seq = seq + 1 where chain_id = '*'".into()],
    ));
    statements.push(("all emptied".into(), vec!["delete from audit".into(), "delete from audit_heads".into()]));
    statements.push((
        "all emptied but the roll".into(),
        vec!["delete from audit".into(), "delete from audit_heads where chain_id <> '*'".into()],
    ));
    statements.push(("every row gone".into(), vec!["delete from audit".into()]));
    for (what, statements) in statements {
        let mut touched = 0;
        for statement in &statements {
            touched += raw.run(statement).await.unwrap_or_else(|error| panic!("{what}: {error}: {statement}"));
        }
        if touched > 0 {
            assert!(!verify(bench).await.intact(), "not found: {what}");
            bench.all_begin_anew_and_write(at + chrono::Duration::days(31 * (tried % 2) as i64)).await;
            assert!(!verify(bench).await.intact(), "signed as ours by the next line: {what}");
            tried += 1;
        }
        raw.put_back().await;
    }
    assert_eq!(verify(bench).await.findings, [], "intact afterwards");
    bench.all_begin_anew_and_write(at).await;
    assert_eq!(verify(bench).await.findings, [], "intact when the programs go on");
    tried
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn every_edit_removal_swap_and_cut_is_found_and_nothing_is_found_on_an_intact_trail(steps in steps(), pick in 0_usize..1000) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let bench = sqlite().await;
            let at = write(&bench, &steps).await;
            let tried = tamper_with_everything(&bench, pick, at).await;
            assert!(tried > 20, "{tried}");
        });
    }

    #[test]
    fn a_trail_of_which_months_were_let_go_is_still_watched_over(steps in steps(), pick in 0_usize..1000, months in 0_u32..8) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let bench = sqlite().await;
            let at = write(&bench, &steps).await;
            let first_kept = at.checked_sub_months(Months::new(months)).expect("a month").format("%Y-%m").to_string();
            let before = bench.raw.number("select count(*) from audit").await;
            let old = bench.raw.number(&format!("select count(*) from audit where segment < '{first_kept}'")).await;
            let gone = bench.stores[1].retain_trail(&first_kept, Author::command_line(at)).await.expect("retained");
            assert_eq!(gone as i64, old, "of {before}");
            tamper_with_everything(&bench, pick, at).await;
        });
    }
}

#[tokio::test]
async fn on_postgresql_too_everything_is_found() {
    let Some(bench) = postgres().await else { return };
    let steps =
        [(0, 0, 2, true), (1, 5, 1, false), (0, 800, 3, false), (2, 10, 2, true), (1, 900, 2, true), (0, 30, 1, true)];
    let at = write(&bench, &steps).await;
    println!("{} things tried", tamper_with_everything(&bench, 3, at).await);
    let gone =
        bench.stores[0].retain_trail(&at.format("%Y-%m").to_string(), Author::command_line(at)).await.expect("ok");
    assert!(gone > 0);
    tamper_with_everything(&bench, 1, at).await;
}

/// The flaws of a verification, each once.
fn flaws(found: &Verification) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = found.findings.iter().map(|finding| finding.flaw).collect();
    flaws.dedup();
    flaws
}

#[tokio::test]
async fn a_cut_trail_goes_on_behind_one_row_that_says_so_for_ever() {
    for bench in both().await {
        let at = write(&bench, &[(1, 0, 2, false), (0, 1, 3, true)]).await;
        bench.raw.drop_triggers().await;
        for cut in [
            "delete from audit where chain_id = 'server' and seq > 2",
            "update audit_heads set seq = 2, mac = (select mac from audit where chain_id = 'server' and seq = 2) \
             where chain_id = 'server'",
        ] {
            bench.raw.run(cut).await.expect(cut);
        }
        for _ in 0..3 {
            bench.all_begin_anew_and_write(at).await;
        }
        let found = verify(&bench).await;
        assert_eq!(found.findings.len(), 1, "{:?}", found.findings);
        assert_eq!(
            (&*found.findings[0].chain_id, found.findings[0].seq, found.findings[0].flaw),
            ("server", 3, Flaw::Broken)
        );
        let breaks = TrailQuery { act: "break".into(), ..TrailQuery::default() };
        let rows = trail::trail(&bench.stores[1], &breaks, Author::command_line(at)).await.expect("a page").rows;
        assert_eq!(rows.len(), 1);
        assert_eq!((&*rows[0].actor, &*rows[0].reason), ("service", "head_forged"));
        // The end as it was signed shows how much is missing.
        bench.raw.run("delete from audit where chain_id = 'command line' and seq > 1").await.expect("cut");
        bench.all_begin_anew_and_write(at).await;
        assert!(flaws(&verify(&bench).await).contains(&Flaw::Missing));
    }
}

#[tokio::test]
async fn a_trail_that_is_put_back_while_the_program_runs_is_noticed_by_it() {
    for bench in both().await {
        let at = write(&bench, &[(0, 0, 2, true), (1, 1, 2, true)]).await;
        bench.raw.drop_triggers().await;
        bench.raw.keep().await;
        let author = Author::command_line(at);
        let line = [author.entry(Act::Read, Resource::Cases)];
        bench.stores[0].record(&line).await.expect("one more line");
        bench.raw.put_back().await;
        assert!(verify(&bench).await.intact(), "what no program remembers is as it was signed");
        assert_eq!(flaws(&bench.stores[0].verify_trail().await.expect("read")), [Flaw::PutBack]);
        for _ in 0..2 {
            bench.stores[0].record(&line).await.expect("goes on");
        }
        assert_eq!(flaws(&verify(&bench).await), [Flaw::Missing, Flaw::Broken], "for everybody from now on");
        assert_eq!(flaws(&bench.stores[0].verify_trail().await.expect("read")), [Flaw::Missing, Flaw::Broken]);
    }
}

#[tokio::test]
async fn the_secrets_are_never_drawn_anew_over_records() {
    let bench = sqlite().await;
    write(&bench, &[(0, 0, 1, true)]).await;
    bench.raw.drop_triggers().await;
    for table in ["audit", "audit_heads"] {
        bench.raw.run(&format!("delete from {table}")).await.expect("emptied");
    }
    bench.raw.run("delete from secrets where name = 'audit'").await.expect("one gone");
    let error = Store::open(&bench.url, databases::keys(), "server").await.expect_err("one secret is gone");
    assert_eq!(error.code(), "corrupt_database");
    bench.raw.run("insert into counters values ('cases', 7)").await.expect("a record");
    bench.raw.run("delete from secrets").await.expect("all gone");
    let error = Store::open(&bench.url, databases::keys(), "server").await.expect_err("all secrets are gone");
    assert!(error.to_string().contains("secrets"), "{error}");
}

#[tokio::test]
async fn the_tables_themselves_refuse_changes_and_deletions_above_a_checkpoint() {
    for bench in both().await {
        let at = write(&bench, &[(0, 0, 3, true), (0, 1500, 2, false)]).await;
        for statement in [
            "update audit set actor = 'nobody'",
            "delete from audit where chain_id = 'server' and seq = 1",
            "delete from audit",
        ] {
            let error = bench.raw.run(statement).await.expect_err(statement).to_string();
            assert!(error.contains("append-only") || error.contains("signed checkpoint"), "{statement}: {error}");
        }
        if let Raw::Postgres(_) = bench.raw {
            bench.raw.run("truncate audit").await.expect_err("truncated");
        }
        let first_kept = at.format("%Y-%m").to_string();
        assert_eq!(bench.stores[0].retain_trail(&first_kept, Author::command_line(at)).await.expect("retained"), 4);
        bench.raw.run("update audit_checkpoints set seq = seq + 1").await.expect_err("a checkpoint moved");
        bench.raw.run("delete from audit").await.expect_err("above the checkpoint");
        let found = verify(&bench).await;
        assert_eq!(found.findings, []);
        assert_eq!(found.chains[0].first_seq, 5);
        // Nothing is left to go.
        assert_eq!(bench.stores[0].retain_trail(&first_kept, Author::command_line(at)).await.expect("again"), 0);
    }
}

#[tokio::test]
async fn a_chain_of_which_everything_went_goes_on_after_its_checkpoint() {
    for bench in both().await {
        let at = write(&bench, &[(1, 0, 3, true), (0, 1500, 2, false)]).await;
        let first_kept = at.format("%Y-%m").to_string();
        bench.stores[0].retain_trail(&first_kept, Author::command_line(at)).await.expect("retained");
        assert_eq!(bench.raw.number("select count(*) from audit where chain_id = 'command line'").await, 0);
        assert!(verify(&bench).await.intact());
        write(&bench, &[(1, 2000, 1, true)]).await;
        let found = verify(&bench).await;
        assert_eq!(found.findings, []);
        assert_eq!(found.chains[0].first_seq, 5, "after the four that went");
    }
}

#[tokio::test]
async fn nothing_is_let_go_while_something_is_wrong() {
    let bench = sqlite().await;
    let at = write(&bench, &[(0, 0, 3, true), (0, 1500, 2, false)]).await;
    bench.raw.drop_triggers().await;
    bench.raw.run("update audit set records = 99 where seq = 2").await.expect("edited");
    let author = Author::command_line(at);
    let found = trail::retain(&bench.stores[0], "2025-11", author).await.expect("read").expect_err("refused");
    assert_eq!(found.findings[0].flaw, Flaw::Altered);
    assert_eq!(found.findings[0].seq, 2);
    assert_eq!(bench.raw.number("select count(*) from audit").await, 7);
}

#[tokio::test]
async fn the_command_ends_with_one_when_something_is_wrong_and_lets_nothing_go() {
    let bench = sqlite().await;
    let at = write(&bench, &[(0, 0, 3, true), (1, 1500, 2, false)]).await;
    let run = async |command: AuditCommand| {
        let mut said = Vec::new();
        let code = cli::audit::run(&command, &bench.stores[1], Author::command_line(at), &mut said).await.expect("ran");
        (code, String::from_utf8(said).expect("UTF-8"))
    };
    let (code, said) = run(AuditCommand::Verify).await;
    assert!(code == 0 && said.contains("The trail is intact") && said.contains("server: 4 rows, 1 to 4"), "{said}");
    let (code, said) = run(AuditCommand::Retain(RetainArgs { months: 6 })).await;
    assert!(code == 0 && said.starts_with("0 rows gone"), "{said}");
    bench.raw.drop_triggers().await;
    bench.raw.run("delete from audit where chain_id = 'server' and seq = 2").await.expect("removed");
    let (code, said) = run(AuditCommand::Verify).await;
    assert!(code == 1 && said.contains("server 3: rows before this one are missing (missing)"), "{said}");
    assert_eq!(run(AuditCommand::Retain(RetainArgs { months: 6 })).await.0, 1);
}

#[tokio::test]
async fn the_verification_reads_one_moment_while_others_write() {
    for bench in both().await {
        let mut writers = tokio::task::JoinSet::new();
        for store in bench.stores.clone() {
            writers.spawn(async move {
                for number in 0..30 {
                    let at = start() + chrono::Duration::hours(number * 100);
                    let entry = Author::command_line(at).entry(Act::Read, Resource::Cases);
                    store.record(&[entry]).await.expect("recorded");
                }
            });
        }
        while !writers.is_empty() {
            assert_eq!(verify(&bench).await.findings, []);
            while writers.try_join_next().is_some() {}
        }
        assert_eq!(verify(&bench).await.findings, []);
    }
}

#[tokio::test]
async fn the_officer_reads_the_trail_page_by_page_and_that_stands_in_it() {
    for bench in both().await {
        let store = &bench.stores[0];
        let at = write(&bench, &[(0, 0, 3, true), (1, 1, 3, true), (2, 2, 3, false)]).await;
        let author = Author::command_line(at + chrono::Duration::hours(1));
        let query = TrailQuery { limit: Some(4), ..TrailQuery::default() };
        let first = trail::trail(store, &query, author).await.expect("a page");
        assert_eq!(first.rows.len(), 4);
        let mut seen: Vec<(String, i64)> = first.rows.iter().map(|r| (r.chain_id.clone(), r.seq)).collect();
        let mut next = first.next;
        while let Some(cursor) = next {
            let page =
                trail::trail(store, &TrailQuery { before: cursor, ..query.clone() }, author).await.expect("a page");
            seen.extend(page.rows.iter().map(|r| (r.chain_id.clone(), r.seq)));
            next = page.next;
        }
        let unique: std::collections::BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!((seen.len(), unique.len()), (12, 12), "three chains of a month's beginning and three lines");
        let reads = TrailQuery { resource: "audit".into(), act: "list".into(), ..TrailQuery::default() };
        assert!(!trail::trail(store, &reads, author).await.expect("a page").rows.is_empty());
        let case = TrailQuery { subject: "case:1".into(), ..TrailQuery::default() };
        let about = trail::trail(store, &case, author).await.expect("a page");
        assert_eq!(about.rows.len(), 3);
        assert!(about.rows.iter().all(|row| row.reason == "motif 1" && row.outcome == Outcome::Done.code()));
        let days = TrailQuery { from: Some(at.date_naive()), to: Some(at.date_naive()), ..TrailQuery::default() };
        assert!(!trail::trail(store, &days, author).await.expect("a page").rows.is_empty());
        for bad in [
            TrailQuery { act: "peek".into(), ..TrailQuery::default() },
            TrailQuery { subject: "C-9999".into(), ..TrailQuery::default() },
            TrailQuery { before: "x".into(), ..TrailQuery::default() },
            TrailQuery { limit: Some(0), ..TrailQuery::default() },
        ] {
            trail::trail(store, &bad, author).await.expect_err("refused");
        }
    }
}

#[tokio::test]
async fn the_export_is_a_spreadsheet_that_runs_nothing() {
    let bench = sqlite().await;
    let store = &bench.stores[0];
    let author = Author::command_line(start());
    let entry = author.entry(Act::Read, Resource::Cases).because("=HYPERLINK(\"http://x\")");
    store.record(&[entry]).await.expect("recorded");
    let bytes = trail::export(store, &TrailQuery::default(), author).await.expect("exported");
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.starts_with("\u{feff}date_utc;chaine;numero;acteur;"), "{text}");
    assert!(text.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{text}");
    let exports = TrailQuery { act: "export".into(), ..TrailQuery::default() };
    assert_eq!(trail::trail(store, &exports, author).await.expect("a page").rows[0].records, 2);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_verified_quickly() {
    let bench = sqlite().await;
    let entries: Vec<_> =
        (0..20_000).map(|_| Author::command_line(start()).entry(Act::Read, Resource::Cases).because("motif")).collect();
    for _ in 0..5 {
        bench.stores[0].record(&entries).await.expect("recorded");
    }
    let began = std::time::Instant::now();
    let found = verify(&bench).await;
    println!("{} rows verified in {:?}", found.chains[0].rows, began.elapsed());
    assert!(found.intact() && began.elapsed().as_secs() < 60);
}
