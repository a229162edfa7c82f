//! Reports and households: what was said of the person of a case, each time, and by whom; and forms that were sent twice.
//!
//! The first report is written with its case (`cases.rs`), a further one is added to a case that is there. A danger that it
//! tells of becomes a sign of the case in the same transaction, so that nobody is proposed from then on (rule 1).

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::seal::keyed_hash;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::case::{CaseId, NOTES_MAX_CHARS, Sign};
use crate::domain::report::{Household, Report, ReportId, Reporter};

/// What is sealed of a report.
pub const REPORT_COLUMNS: [&str; 6] =
    ["seen", "signs", "danger_action", "reporter_name", "reporter_phone", "reporter_relation"];
/// What is sealed of a household.
pub const HOUSEHOLD_COLUMNS: [&str; 2] = ["mobility", "people"];
/// A form that is sent again within this many hours is the same form.
pub const SAME_FORM_HOURS: i64 = 24;

const SELECT: &str = "select id, at, channel, seen, signs, danger_action, reporter_name, reporter_phone, \
    reporter_relation, account_id from reports where case_id = $1 order by at, id";
pub(super) const INSERT: &str = "insert into reports (id, case_id, at, channel, seen, signs, danger_action, \
    reporter_name, reporter_phone, reporter_relation, account_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const HOUSEHOLD: &str = "select mobility, people from households where id = $1";
pub(super) const UPSERT_HOUSEHOLD: &str = "insert into households (id, mobility, people) values ($1, $2, $3) \
    on conflict (id) do update set mobility = excluded.mobility, people = excluded.people";
const SIGNS: &str = "select signs from cases where id = $1";
const SET_SIGNS: &str = "update cases set signs = $1, version = version + 1, \
    danger_cleared_on = case when $3 then null else danger_cleared_on end where id = $2";
pub(super) const KNOWN_FORM: &str = "select case_id, content from idempotency_keys where digest = $1 and at > $2";
pub(super) const NOTE_FORM: &str =
    "insert into idempotency_keys (digest, content, case_id, at) values ($1, $2, $3, $4)";
pub(super) const FORGET_FORMS: &str = "delete from idempotency_keys where at <= $1";
pub(super) const SEEN_OF: &str = "select id, seen from reports where case_id = $1 order by at, id";
pub(super) const CORRECT_SEEN: &str = "update reports set seen = $1 where id = $2";

/// A report with what it tells of the household.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The report.
    pub report: &'a Report,
    /// What it tells of the household.
    pub household: Household,
    /// The form that it was typed in, so that it is written once; `None` without a key.
    pub form: Option<Form<'a>>,
}

/// A form as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// What the page drew for it.
    pub key: &'a str,
    /// All that was typed in it.
    pub content: &'a str,
}

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Written, to this case.
    Now(CaseId),
    /// The same form was sent before, and went to this case; nothing was written.
    Before(CaseId),
    /// This key was used for another form; nothing was written.
    OtherForm,
    /// There is no such case.
    NoCase,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    channel: String,
    seen: Vec<u8>,
    signs: Vec<u8>,
    danger_action: Vec<u8>,
    reporter_name: Vec<u8>,
    reporter_phone: Vec<u8>,
    reporter_relation: Vec<u8>,
    account_id: Option<i64>,
}

/// A report whose fields are sealed for its key.
pub(super) struct SealedReport {
    pub texts: [Vec<u8>; 6],
    pub at: DateTime<Utc>,
    pub channel: &'static str,
    pub account: Option<i64>,
}

/// The hashes under which a form is known.
pub(super) struct FormHashes {
    pub key: Vec<u8>,
    pub content: Vec<u8>,
}

/// Answers from the calling function what became of the same form when it was sent before, and forgets forms that are older
/// than a day.
macro_rules! known_form {
    ($tx:ident, $store:expr, $form:expr, $by:expr) => {{
        let since = $by.at - chrono::TimeDelta::hours($crate::store::reports::SAME_FORM_HOURS);
        sqlx::query($crate::store::reports::FORGET_FORMS).bind(since).execute(&mut *$tx).await?;
        let hashes = $form.map(|form| $store.form_hashes(form, $by));
        if let Some(hashes) = &hashes {
            let known: Option<(i64, Vec<u8>)> = sqlx::query_as($crate::store::reports::KNOWN_FORM)
                .bind(hashes.key.clone())
                .bind(since)
                .fetch_optional(&mut *$tx)
                .await?;
            match known {
                Some((case, content)) if content == hashes.content => {
                    return Ok($crate::store::reports::Taken::Before($crate::domain::case::CaseId(case)));
                }
                Some(_) => return Ok($crate::store::reports::Taken::OtherForm),
                None => {}
            }
        }
        hashes
    }};
}

/// Writes a report of a case, its household as it is known from now on, and the form that it was typed in.
macro_rules! write_report {
    ($tx:ident, $store:expr, $case:expr, $report:expr, $household:expr, $form:expr, $by:expr) => {{
        use $crate::store::reports as rows;
        let id = $crate::store::upsert::next_ids!($tx, "reports", 1);
        let rows::SealedReport { texts, at, channel, account } = $store.sealed_report(id, $report)?;
        let [seen, signs, danger_action, name, phone, relation] = texts;
        sqlx::query(rows::INSERT)
            .bind(id)
            .bind($case)
            .bind(at)
            .bind(channel)
            .bind(seen)
            .bind(signs)
            .bind(danger_action)
            .bind(name)
            .bind(phone)
            .bind(relation)
            .bind(account)
            .execute(&mut *$tx)
            .await?;
        if $household != $crate::domain::report::Household::UNKNOWN {
            let [mobility, people] = $store.sealed_household($case, $household)?;
            sqlx::query(rows::UPSERT_HOUSEHOLD).bind($case).bind(mobility).bind(people).execute(&mut *$tx).await?;
        }
        if let Some(hashes) = $form {
            sqlx::query(rows::NOTE_FORM)
                .bind(hashes.key)
                .bind(hashes.content)
                .bind($case)
                .bind($by.at)
                .execute(&mut *$tx)
                .await?;
        }
    }};
}

/// Corrects what the reports of a case say word for word as its notes did: a correction leaves no copy behind.
macro_rules! correct_reports {
    ($tx:ident, $store:expr, $case:expr, $before:expr, $after:expr) => {
        let reports: Vec<(i64, Vec<u8>)> =
            sqlx::query_as($crate::store::reports::SEEN_OF).bind($case).fetch_all(&mut *$tx).await?;
        for (report, seen) in reports {
            let row = $store.sealed_row("reports", report);
            if row.open("seen", &seen)? == $before {
                sqlx::query($crate::store::reports::CORRECT_SEEN)
                    .bind(row.seal("seen", $after)?)
                    .bind(report)
                    .execute(&mut *$tx)
                    .await?;
            }
        }
    };
}
pub(super) use {correct_reports, known_form, write_report};

impl Store {
    pub(super) fn form_hashes(&self, form: Form<'_>, by: Author) -> FormHashes {
        let account = by.actor.to_string();
        let hash = |parts: &[&[u8]]| keyed_hash(&self.secrets.pseudonym, parts).to_vec();
        FormHashes {
            key: hash(&[b"form", account.as_bytes(), form.key.as_bytes()]),
            content: hash(&[b"content of a form", account.as_bytes(), form.content.as_bytes()]),
        }
    }

    pub(super) fn sealed_report(&self, id: i64, report: &Report) -> Result<SealedReport, StoreError> {
        let Report { at, channel, seen, signs, danger_action, reporter, account } = report;
        // The table sees only what is sealed and cannot check this.
        if [seen, danger_action].iter().any(|text| text.chars().count() > NOTES_MAX_CHARS) {
            let reason = format!("a text of a report has more than {NOTES_MAX_CHARS} characters");
            return Err(StoreError::Invalid { row: String::new(), reason });
        }
        let row = self.sealed_row("reports", id);
        let Reporter { name, phone, relation } = reporter;
        Ok(SealedReport {
            texts: [
                row.seal("seen", seen)?,
                row.seal("signs", &lists::join(signs.iter().map(|sign| sign.code())))?,
                row.seal("danger_action", danger_action)?,
                row.seal("reporter_name", name)?,
                row.seal("reporter_phone", phone)?,
                row.seal("reporter_relation", relation)?,
            ],
            at: at.trunc_subsecs(3),
            channel: channel.code(),
            account: *account,
        })
    }

    pub(super) fn sealed_household(&self, case: i64, household: Household) -> Result<[Vec<u8>; 2], StoreError> {
        let row = self.sealed_row("households", case);
        let people = household.people.map(|people| people.to_string()).unwrap_or_default();
        Ok([row.seal("mobility", household.mobility.code())?, row.seal("people", &people)?])
    }

    fn opened_household(&self, case: i64, sealed: Option<(Vec<u8>, Vec<u8>)>) -> Result<Household, StoreError> {
        let Some((mobility, people)) = sealed else { return Ok(Household::UNKNOWN) };
        let row = self.sealed_row("households", case);
        let people = row.open("people", &people)?;
        let people = if people.is_empty() { None } else { Some(lists::code(&people, "households.people")?) };
        Ok(Household { mobility: lists::code(&row.open("mobility", &mobility)?, "households.mobility")?, people })
    }

    fn opened_report(&self, row: &Row) -> Result<(ReportId, Report), StoreError> {
        let sealed = self.sealed_row("reports", row.id);
        let report = Report {
            at: row.at,
            channel: lists::code(&row.channel, "reports.channel")?,
            seen: sealed.open("seen", &row.seen)?,
            signs: lists::codes(&sealed.open("signs", &row.signs)?, "reports.signs")?,
            danger_action: sealed.open("danger_action", &row.danger_action)?,
            reporter: Reporter {
                name: sealed.open("reporter_name", &row.reporter_name)?,
                phone: sealed.open("reporter_phone", &row.reporter_phone)?,
                relation: sealed.open("reporter_relation", &row.reporter_relation)?,
            },
            account: row.account_id,
        };
        Ok((ReportId(row.id), report))
    }

    /// What was reported of a case, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn reports_of(&self, case: CaseId) -> Result<Vec<(ReportId, Report)>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT).bind(case.0).fetch_all(pool).await?);
        rows.iter().map(|row| self.opened_report(row)).collect()
    }

    /// What is known of the household of a case.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn household_of(&self, case: CaseId) -> Result<Household, StoreError> {
        let row: Option<(Vec<u8>, Vec<u8>)> =
            on_pool!(self, pool => sqlx::query_as(HOUSEHOLD).bind(case.0).fetch_optional(pool).await?);
        self.opened_household(case.0, row)
    }

    /// Adds a report to a case that is there; its signs become signs of the case, and what it tells of the household
    /// completes what is known.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or a text is too long; nothing is written then.
    pub async fn add_report(&self, case: CaseId, told: Told<'_>, by: Author) -> Result<Taken, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let form = known_form!(tx, self, told.form, by);
            let signs: Option<Vec<u8>> = sqlx::query_scalar(SIGNS).bind(case.0).fetch_optional(&mut *tx).await?;
            let Some(signs) = signs else { return Ok(Taken::NoCase) };
            let row = self.sealed_row("cases", case.0);
            let known: BTreeSet<Sign> = lists::codes(&row.open("signs", &signs)?, "cases.signs")?;
            let all: BTreeSet<Sign> = known.union(&told.report.signs).copied().collect();
            // A danger that is told anew is not the one that was dealt with.
            let danger = told.report.signs.iter().any(|sign| sign.is_danger());
            if danger || all != known {
                let signs = row.seal("signs", &lists::join(all.iter().map(|sign| sign.code())))?;
                sqlx::query(SET_SIGNS).bind(signs).bind(case.0).bind(danger).execute(&mut *tx).await?;
                note_changes!(tx, "cases", [case.0]);
            }
            let household = sqlx::query_as(HOUSEHOLD).bind(case.0).fetch_optional(&mut *tx).await?;
            let household = self.opened_household(case.0, household)?.completed(told.household);
            write_report!(tx, self, case.0, told.report, household, form, by);
            let entry = by.entry(Act::Create, Resource::Reports).about(Subject::Case(case));
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(Taken::Now(case))
        })
    }

    /// Forgets forms that were sent longer ago than they are known for.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_forms(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let since = now - TimeDelta::hours(SAME_FORM_HOURS);
        Ok(on_pool!(self, pool => sqlx::query(FORGET_FORMS).bind(since).execute(pool).await?.rows_affected()))
    }
}
