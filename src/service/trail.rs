//! The trail for the data protection officer: read with filters, exported, verified, and let go month by month. Each of
//! these stands in the trail itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::calendar::start_of;
use crate::domain::input::InputError;
use crate::format::trail::write_trail;
use crate::store::{AuditFilter, AuditRow, Store, Verification};

pub use crate::store::{ChainState, Finding};

/// Rows of a page unless said otherwise.
const PAGE: u32 = 100;
/// Most rows of a page.
const PAGE_MAX: u32 = 500;
/// Rows read at a time for an export.
const EXPORT_PAGE: u32 = 2000;

/// What is asked of the trail, as it was typed; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailQuery {
    /// From this day on, a day in the town.
    pub from: Option<NaiveDate>,
    /// Up to the end of this day in the town.
    pub to: Option<NaiveDate>,
    /// `account:3`, `command_line`, `nobody` or `service`.
    pub actor: String,
    /// Code of an act.
    pub act: String,
    /// Code of a resource.
    pub resource: String,
    /// A pseudonym, the reference of a case or volunteer, or `case:12`, `volunteer:3`, `account:4`.
    pub subject: String,
    /// Where the former page ended.
    pub before: String,
    /// 1..=500; 100 without it.
    pub limit: Option<u32>,
}

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrailRow {
    /// Whose chain.
    pub chain_id: String,
    /// Number in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `account:3`, `command_line`, `nobody` or `service`.
    pub actor: String,
    /// Name of the account, if it exists still.
    pub actor_name: Option<String>,
    /// Code of what was done.
    pub act: String,
    /// Code of what it was done to.
    pub resource: String,
    /// Pseudonym of the person concerned; empty for a list.
    pub subject: String,
    /// How many records.
    pub records: i64,
    /// `done` or `refused`.
    pub outcome: String,
    /// Why; may be empty.
    pub reason: String,
}

/// A page of the trail, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TrailPage {
    /// The lines.
    pub rows: Vec<TrailRow>,
    /// What to send as `before` for the next page; `null` on the last one.
    pub next: Option<String>,
    /// Every code of an act, for a filter.
    pub acts: Vec<&'static str>,
    /// Every code of a resource, for a filter.
    pub resources: Vec<&'static str>,
}

fn not_in_list(field: &str, error: &impl ToString) -> InputError {
    InputError::new("not_in_list", error.to_string(), "Choose one of the list").in_field(field)
}

/// The cursor after a row.
fn cursor(row: &AuditRow) -> String {
    let text = format!("{} {} {}", row.at.to_rfc3339_opts(SecondsFormat::Millis, true), row.seq, row.chain_id);
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}

fn read_cursor(cursor: &str) -> Option<(DateTime<Utc>, String, i64)> {
    let text = String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?).ok()?;
    let mut parts = text.splitn(3, ' ');
    let at = DateTime::parse_from_rfc3339(parts.next()?).ok()?.with_timezone(&Utc);
    let seq = parts.next()?.parse().ok()?;
    Some((at, parts.next()?.to_owned(), seq))
}

/// The pseudonym that was meant.
async fn pseudonym(store: &Store, typed: &str) -> Result<String, ServiceError> {
    if typed.len() == 32 && typed.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(typed.to_ascii_lowercase());
    }
    let keyed = typed.split_once(':').and_then(|(kind, id)| Subject::named(kind, id.parse().ok()?));
    let subject = match keyed {
        Some(subject) => Some(subject),
        None => store.subject_named(typed).await?,
    };
    let unknown = || {
        let remedy = "Give a reference, a pseudonym, or case: with the number that a request bears";
        InputError::new("unknown_subject", "nobody bears this reference", remedy).in_field("subject")
    };
    Ok(store.pseudonym(subject.ok_or_else(unknown)?))
}

async fn filter(store: &Store, query: &TrailQuery) -> Result<AuditFilter, ServiceError> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let act = text(&query.act).map(|act| act.parse::<Act>().map_err(|e| not_in_list("act", &e))).transpose()?;
    let resource = text(&query.resource);
    let resource = resource.map(|r| r.parse::<Resource>().map_err(|e| not_in_list("resource", &e))).transpose()?;
    let before = match text(&query.before) {
        Some(cursor) => Some(read_cursor(&cursor).ok_or_else(|| {
            InputError::new("bad_cursor", "this is no place in the trail", "Begin at the first page").in_field("before")
        })?),
        None => None,
    };
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        let error = InputError::new("out_of_range", "a page has 1 to 500 lines", "Ask for fewer").in_field("limit");
        return Err(error.into());
    }
    Ok(AuditFilter {
        from: query.from.map(start_of),
        until: query.to.and_then(|day| day.checked_add_days(Days::new(1))).map(start_of),
        actor: text(&query.actor),
        act,
        resource,
        subject: match text(&query.subject) {
            Some(typed) => Some(pseudonym(store, &typed).await?),
            None => None,
        },
        before,
        limit,
    })
}

/// The name of the account that acted, if it exists still.
pub(super) fn name_of(actor: &str, names: &BTreeMap<i64, String>) -> Option<String> {
    names.get(&actor.strip_prefix("account:")?.parse().ok()?).cloned()
}

/// A page of the trail. That it was read stands in it afterwards.
///
/// # Errors
/// [`ServiceError::Input`] names the filter that is not understood.
pub async fn trail(store: &Store, query: &TrailQuery, by: Author) -> Result<TrailPage, ServiceError> {
    let mut filter = filter(store, query).await?;
    let wanted = filter.limit as usize;
    filter.limit += 1;
    let mut rows = store.audit(&filter).await?;
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let names = store.account_names().await?;
    store.record(&[by.entry(Act::List, Resource::Audit).over(rows.len())]).await?;
    Ok(TrailPage {
        next: rows.last().filter(|_| more).map(cursor),
        rows: rows
            .into_iter()
            .map(|row| TrailRow {
                actor_name: name_of(&row.actor, &names),
                chain_id: row.chain_id,
                seq: row.seq,
                at: row.at,
                actor: row.actor,
                act: row.act,
                resource: row.resource,
                subject: row.subject,
                records: row.records,
                outcome: row.outcome,
                reason: row.reason,
            })
            .collect(),
        acts: Act::ALL.iter().map(|act| act.code()).collect(),
        resources: Resource::ALL.iter().map(|resource| resource.code()).collect(),
    })
}

/// Every row that the filters let through, newest first, as CSV. `before` and `limit` do not count.
///
/// # Errors
/// [`ServiceError::Input`] names the filter that is not understood.
pub async fn export(store: &Store, query: &TrailQuery, by: Author) -> Result<Vec<u8>, ServiceError> {
    let whole = TrailQuery { before: String::new(), limit: None, ..query.clone() };
    let mut filter = AuditFilter { limit: EXPORT_PAGE, ..filter(store, &whole).await? };
    let names = store.account_names().await?;
    let mut lines: Vec<[String; 11]> = Vec::new();
    loop {
        let rows = store.audit(&filter).await?;
        let last = (rows.len() as u32) < EXPORT_PAGE;
        filter.before = rows.last().map(|row| (row.at, row.chain_id.clone(), row.seq));
        lines.extend(rows.into_iter().map(|row| {
            let name = name_of(&row.actor, &names).unwrap_or_default();
            [
                row.at.to_rfc3339_opts(SecondsFormat::Millis, true),
                row.chain_id,
                row.seq.to_string(),
                row.actor,
                name,
                row.act,
                row.resource,
                row.subject,
                row.records.to_string(),
                row.outcome,
                row.reason,
            ]
        }));
        if last {
            break;
        }
    }
    store.record(&[by.entry(Act::Export, Resource::Audit).over(lines.len())]).await?;
    let mut bytes = Vec::new();
    write_trail(lines, &mut bytes)
        .map_err(|error| ServiceError::file("write", std::path::Path::new("(the answer)"), &error))?;
    Ok(bytes)
}

/// Reads the whole trail and says what is wrong with it.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn verify(store: &Store, by: Author) -> Result<Verification, ServiceError> {
    let found = store.verify_trail().await?;
    let rows: u64 = found.chains.iter().map(|chain| chain.rows).sum();
    let says = match found.findings.len() as u64 + found.more {
        0 => "intact".to_owned(),
        count => format!("{count} findings"),
    };
    store.record(&[by.entry(Act::Verify, Resource::Audit).over(rows as usize).because(says)]).await?;
    Ok(found)
}

/// Lets the months before `first_kept` go and answers how many rows that were; nothing goes while anything is wrong with
/// the trail, for it would take the evidence along.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn retain(
    store: &Store,
    first_kept: &str,
    by: Author,
) -> Result<Result<u64, Box<Verification>>, ServiceError> {
    let found = store.verify_trail().await?;
    if !found.intact() {
        return Ok(Err(Box::new(found)));
    }
    Ok(Ok(store.retain_trail(first_kept, by).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_row() {
        let row = AuditRow {
            chain_id: "command line".into(),
            seq: 42,
            at: DateTime::from_timestamp_millis(1_795_428_000_123).expect("a moment"),
            actor: String::new(),
            act: String::new(),
            resource: String::new(),
            subject: String::new(),
            records: 1,
            outcome: String::new(),
            reason: String::new(),
        };
        assert_eq!(read_cursor(&cursor(&row)), Some((row.at, row.chain_id.clone(), row.seq)));
        assert_eq!(read_cursor("AAAA"), None);
    }
}
