//! Moves of cases: made together or not at all, each with its line of history and of the trail, and taken back by their
//! author within a short time.

use chrono::{DateTime, NaiveDate, Utc};

use super::audit::append_audit;
use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::next_ids;
use super::{Store, StoreError};
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::{CaseId, CaseState, NOTES_MAX_CHARS};
use crate::domain::case_life::{CaseAct, Illegal, Move, Standing, UNDO_WITHIN, after};
use crate::domain::visit::Visit;
use crate::domain::volunteer::VolunteerId;

const STANDING: &str = "select state, volunteer_id, backup_id, proposed_at, informed_on, agreed_on, last_contact_on, \
    next_contact_on, review_on, signs, danger_cleared_on, closing, version, reported_on from cases where id = $1";
const WRITE: &str = "update cases set state = $1, volunteer_id = $2, backup_id = $3, proposed_at = $4, informed_on = $5, \
    agreed_on = $6, last_contact_on = $7, next_contact_on = $8, review_on = $9, signs = $10, danger_cleared_on = $11, \
    closing = $12, version = version + 1 where id = $13 returning version";
const PLACES: &str = "select active, capacity, cleared, (select count(*) from cases c where c.volunteer_id = v.id \
    and c.state in ('proposed', 'accepted', 'accompanied', 'paused')) from volunteers v where v.id = $1";
const INSERT_MOVE: &str = "insert into case_moves (id, case_id, at, account_id, act, from_state, to_state, volunteer_id, \
    why, note, before, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const INSERT_VISIT: &str = "insert into visits (id, case_id, volunteer_id, account_id, at, visited_on, kind, mood, note, move_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const LAST: &str = "select id, at, account_id, act, before, version from case_moves where case_id = $1 and not undone \
    and act <> 'undo' order by id desc limit 1";
const FORGET_VISIT: &str = "delete from visits where move_id = $1";
const UNDONE: &str = "update case_moves set undone = $1 where id = $2";
const PROPOSED: &str =
    "select id, version, proposed_at from cases where state = 'proposed' and proposed_at is not null order by id";
const OF_CASE: &str = "select id, at, account_id, act, from_state, to_state, volunteer_id, why, note, undone, version \
    from case_moves where case_id = $1 order by id";
const BETWEEN: &str = "select case_id, volunteer_id, act, at from case_moves where volunteer_id is not null \
    and act in ('accept', 'begin', 'contact', 'decline') and undone = $1 order by id";

/// One move to make.
#[derive(Debug, Clone)]
pub struct Order {
    /// Whose case.
    pub case: CaseId,
    /// The version that was looked at; `None` where it does not matter.
    pub version: Option<i64>,
    /// What.
    pub step: Move,
    /// Words beside it, at most 500 characters; may be empty.
    pub note: String,
    /// A visit that it tells of.
    pub visit: Option<Visit>,
}

/// Who makes moves.
#[derive(Debug, Clone, Copy)]
pub struct Mover {
    /// The account; `None` for the service itself.
    pub account: Option<i64>,
    /// Only the cases of this volunteer: those that he or she has or is offered.
    pub only_of: Option<VolunteerId>,
    /// Who and when, for the trail.
    pub by: Author,
}

/// Why nothing was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotMoved {
    /// No such case, or not the mover's.
    NotThere,
    /// Somebody else has changed the case meanwhile.
    Changed,
    /// The move is not legal.
    Illegal(Illegal),
    /// The volunteer has no place left, is not active or not cleared.
    NoPlace,
    /// Nothing to take back: somebody else's move, or too long ago.
    NothingToUndo,
}

/// What was done with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveRow {
    /// Key.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; `None` for the service itself, and for an account that is gone.
    pub account: Option<i64>,
    /// What.
    pub act: CaseAct,
    /// From where to where.
    pub from: CaseState,
    /// To where.
    pub to: CaseState,
    /// Whom it was about.
    pub volunteer: Option<VolunteerId>,
    /// Code of why.
    pub why: Option<String>,
    /// In words.
    pub note: String,
    /// Whether it was taken back.
    pub undone: bool,
    /// The version of the case that it made.
    pub version: i64,
}

/// What a volunteer and a case had to do with each other, for the matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// The case.
    pub case: CaseId,
    /// The volunteer.
    pub volunteer: VolunteerId,
    /// `accept`, `begin`, `contact` or `decline`.
    pub act: CaseAct,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    state: String,
    volunteer_id: Option<i64>,
    backup_id: Option<i64>,
    proposed_at: Option<DateTime<Utc>>,
    informed_on: Option<NaiveDate>,
    agreed_on: Option<NaiveDate>,
    last_contact_on: Option<NaiveDate>,
    next_contact_on: Option<NaiveDate>,
    review_on: Option<NaiveDate>,
    signs: Vec<u8>,
    danger_cleared_on: Option<NaiveDate>,
    closing: Option<String>,
    version: i64,
    reported_on: NaiveDate,
}

/// Key, when, account, act, the standing before, and the version that it made.
type LastRow = (i64, DateTime<Utc>, Option<i64>, String, Vec<u8>, i64);

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    account_id: Option<i64>,
    act: String,
    from_state: String,
    to_state: String,
    volunteer_id: Option<i64>,
    why: Option<String>,
    note: Vec<u8>,
    undone: bool,
    version: i64,
}

/// A standing in one line, to be sealed: its fields in order, between `|`.
fn written(standing: &Standing) -> String {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let key = |id: Option<VolunteerId>| id.map(|id| id.0.to_string()).unwrap_or_default();
    [
        standing.state.to_string(),
        key(standing.volunteer),
        key(standing.backup),
        standing.proposed_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
        day(standing.informed_on),
        day(standing.agreed_on),
        day(standing.last_contact_on),
        day(standing.next_contact_on),
        day(standing.review_on),
        lists::join(standing.signs.iter().map(|sign| sign.code())),
        day(standing.danger_cleared_on),
        standing.closing.map(|why| why.to_string()).unwrap_or_default(),
    ]
    .join("|")
}

/// What a text says; nothing for an empty one.
fn whole<T: std::str::FromStr>(text: &str, corrupt: impl Fn() -> StoreError) -> Result<Option<T>, StoreError> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| corrupt()) }
}

/// Reads what [`written`] wrote.
fn read(text: &str) -> Result<Standing, StoreError> {
    let corrupt = || StoreError::corrupt("case_moves.before".to_owned());
    let fields: Vec<&str> = text.split('|').collect();
    let [state, volunteer, backup, proposed, informed, agreed, last, next, review, signs, cleared, closing] =
        fields[..]
    else {
        return Err(corrupt());
    };
    Ok(Standing {
        state: lists::code(state, "case_moves.before")?,
        volunteer: whole(volunteer, corrupt)?.map(VolunteerId),
        backup: whole(backup, corrupt)?.map(VolunteerId),
        proposed_at: whole::<DateTime<Utc>>(proposed, corrupt)?,
        informed_on: whole(informed, corrupt)?,
        agreed_on: whole(agreed, corrupt)?,
        last_contact_on: whole(last, corrupt)?,
        next_contact_on: whole(next, corrupt)?,
        review_on: whole(review, corrupt)?,
        signs: lists::codes(signs, "case_moves.before")?,
        danger_cleared_on: whole(cleared, corrupt)?,
        closing: whole(closing, corrupt)?,
    })
}

/// Whom a move is about: who is asked, or who has the case.
fn concerned(step: Move, before: &Standing) -> Option<VolunteerId> {
    match step {
        Move::Propose(volunteer) | Move::HandOver(volunteer) => Some(volunteer),
        Move::BackUp(volunteer) => volunteer,
        _ => before.volunteer,
    }
}

/// Writes a standing, and answers the case's new version.
macro_rules! write_standing {
    ($tx:ident, $store:expr, $case:expr, $standing:expr) => {{
        let standing: &Standing = $standing;
        let signs = lists::join(standing.signs.iter().map(|sign| sign.code()));
        let version: i64 = sqlx::query_scalar(WRITE)
            .bind(standing.state.code())
            .bind(standing.volunteer.map(|id| id.0))
            .bind(standing.backup.map(|id| id.0))
            .bind(standing.proposed_at)
            .bind(standing.informed_on)
            .bind(standing.agreed_on)
            .bind(standing.last_contact_on)
            .bind(standing.next_contact_on)
            .bind(standing.review_on)
            .bind($store.sealed_row("cases", $case.0).seal("signs", &signs)?)
            .bind(standing.danger_cleared_on)
            .bind(standing.closing.map(|why| why.code()))
            .bind($case.0)
            .fetch_one(&mut *$tx)
            .await?;
        version
    }};
}

/// Writes a line of the history of a case, and answers its key.
macro_rules! note_move {
    ($tx:ident, $store:expr, $mover:expr, $case:expr, $before:expr, $to:expr, $act:expr, $about:expr, $why:expr, $note:expr, $version:expr) => {{
        let id = next_ids!($tx, "case_moves", 1);
        let row = $store.sealed_row("case_moves", id);
        sqlx::query(INSERT_MOVE)
            .bind(id)
            .bind($case.0)
            .bind($mover.by.at)
            .bind($mover.account)
            .bind($act.code())
            .bind($before.state.code())
            .bind($to.code())
            .bind($about.map(|id: VolunteerId| id.0))
            .bind($why)
            .bind(row.seal("note", $note)?)
            .bind(row.seal("before", &written($before))?)
            .bind($version)
            .execute(&mut *$tx)
            .await?;
        id
    }};
}

impl Store {
    fn standing(&self, case: CaseId, row: &StandingRow) -> Result<(Standing, i64, NaiveDate), StoreError> {
        let signs = self.sealed_row("cases", case.0).open("signs", &row.signs)?;
        let standing = Standing {
            state: lists::code(&row.state, "cases.state")?,
            volunteer: row.volunteer_id.map(VolunteerId),
            backup: row.backup_id.map(VolunteerId),
            proposed_at: row.proposed_at,
            informed_on: row.informed_on,
            agreed_on: row.agreed_on,
            last_contact_on: row.last_contact_on,
            next_contact_on: row.next_contact_on,
            review_on: row.review_on,
            signs: lists::codes(&signs, "cases.signs")?,
            danger_cleared_on: row.danger_cleared_on,
            closing: row.closing.as_deref().map(|code| lists::code(code, "cases.closing")).transpose()?,
        };
        Ok((standing, row.version, row.reported_on))
    }

    /// Makes moves, all or none, and answers the new version of each case; or which of them stood in the way, and why.
    /// A volunteer never gets more cases than he or she has places.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a note that is too long; [`StoreError`] when the database does not answer.
    pub async fn move_cases(
        &self,
        orders: &[Order],
        mover: Mover,
    ) -> Result<Result<Vec<i64>, (usize, NotMoved)>, StoreError> {
        check_notes(orders)?;
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let mut versions = Vec::with_capacity(orders.len());
            let mut entries: Vec<Entry> = Vec::with_capacity(orders.len());
            for (nth, order) in orders.iter().enumerate() {
                let no = |why| Ok(Err((nth, why)));
                let case = order.case;
                let row: Option<StandingRow> = sqlx::query_as(STANDING).bind(case.0).fetch_optional(&mut *tx).await?;
                let Some(row) = row else { return no(NotMoved::NotThere) };
                let (before, version, reported_on) = self.standing(case, &row)?;
                if mover.only_of.is_some() && before.volunteer != mover.only_of {
                    return no(NotMoved::NotThere);
                }
                if order.version.is_some_and(|seen| seen != version) {
                    return no(NotMoved::Changed);
                }
                let standing = match after(&before, order.step, mover.by.at) {
                    Ok(standing) => standing,
                    Err(illegal) => return no(NotMoved::Illegal(illegal)),
                };
                if let Move::Begin(on, _) | Move::Contact(on, _) = order.step && on < reported_on {
                    return no(NotMoved::Illegal(Illegal::WrongDay));
                }
                if let Move::Propose(VolunteerId(id)) | Move::HandOver(VolunteerId(id)) = order.step {
                    let places: Option<(bool, i64, bool, i64)> =
                        sqlx::query_as(PLACES).bind(id).fetch_optional(&mut *tx).await?;
                    match places {
                        Some((true, capacity, true, taken)) if taken < capacity => {}
                        _ => return no(NotMoved::NoPlace),
                    }
                }
                let version = write_standing!(tx, self, case, &standing);
                let act = order.step.act();
                let about = concerned(order.step, &before);
                let made = note_move!(tx, self, mover, case, &before, standing.state, act, about, order.step.why(), &order.note, version);
                if let Some(visit) = &order.visit {
                    let id = next_ids!(tx, "visits", 1);
                    let row = self.sealed_row("visits", id);
                    sqlx::query(INSERT_VISIT)
                        .bind(id)
                        .bind(case.0)
                        .bind(before.volunteer.map(|id| id.0))
                        .bind(mover.account)
                        .bind(mover.by.at)
                        .bind(visit.on)
                        .bind(visit.kind.code())
                        .bind(row.seal("mood", &lists::join(visit.impressions.iter().map(|i| i.code())))?)
                        .bind(row.seal("note", &visit.note)?)
                        .bind(made)
                        .execute(&mut *tx)
                        .await?;
                }
                entries.push(mover.by.entry(Act::Update, Resource::Cases).about(Subject::Case(case)).because(act.code()));
                versions.push(version);
            }
            let moved: Vec<i64> = orders.iter().map(|order| order.case.0).collect();
            note_changes!(tx, "cases", moved);
            append_audit!(tx, self, &entries);
            tx.commit().await?;
            Ok(Ok(versions))
        })
    }

    /// Takes the last move of a case back: its author may, for a short time, when nothing was changed since. Answers the new
    /// version.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn undo_move(&self, case: CaseId, mover: Mover) -> Result<Result<i64, NotMoved>, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            let row: Option<StandingRow> = sqlx::query_as(STANDING).bind(case.0).fetch_optional(&mut *tx).await?;
            let Some(row) = row else { return Ok(Err(NotMoved::NotThere)) };
            let (now, version, _) = self.standing(case, &row)?;
            let last: Option<LastRow> = sqlx::query_as(LAST).bind(case.0).fetch_optional(&mut *tx).await?;
            let hidden = mover.only_of.is_some() && now.volunteer != mover.only_of;
            let none = if hidden { NotMoved::NotThere } else { NotMoved::NothingToUndo };
            let Some((id, at, account, act, before, made)) = last else { return Ok(Err(none)) };
            let own = account.is_some() && account == mover.account;
            if !own && hidden {
                return Ok(Err(NotMoved::NotThere));
            }
            if !own || made != version || mover.by.at - at > UNDO_WITHIN {
                return Ok(Err(NotMoved::NothingToUndo));
            }
            let before = read(&self.sealed_row("case_moves", id).open("before", &before)?)?;
            let version = write_standing!(tx, self, case, &before);
            sqlx::query(FORGET_VISIT).bind(id).execute(&mut *tx).await?;
            sqlx::query(UNDONE).bind(true).bind(id).execute(&mut *tx).await?;
            // What was taken back stands in `why`.
            let why = Some(act.as_str());
            note_move!(tx, self, mover, case, &now, before.state, CaseAct::Undo, now.volunteer, why, "", version);
            note_changes!(tx, "cases", [case.0]);
            let entry = mover.by.entry(Act::Update, Resource::Cases).about(Subject::Case(case));
            append_audit!(tx, self, &[entry.because(format!("undo {act}"))]);
            tx.commit().await?;
            Ok(Ok(version))
        })
    }

    /// Cases that are offered to somebody, with their versions, and since when.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn proposed_cases(&self) -> Result<Vec<(CaseId, i64, DateTime<Utc>)>, StoreError> {
        let rows: Vec<(i64, i64, DateTime<Utc>)> =
            on_pool!(self, pool => sqlx::query_as(PROPOSED).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|(id, version, at)| (CaseId(id), version, at)).collect())
    }

    /// The versions of all cases, by key.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn case_versions(&self) -> Result<Vec<(CaseId, i64)>, StoreError> {
        const ALL: &str = "select id, version from cases order by id";
        let rows: Vec<(i64, i64)> = on_pool!(self, pool => sqlx::query_as(ALL).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|(id, version)| (CaseId(id), version)).collect())
    }

    /// The history of a case, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn case_moves(&self, case: CaseId) -> Result<Vec<MoveRow>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(OF_CASE).bind(case.0).fetch_all(pool).await?);
        let opened = |row: Row| {
            Ok(MoveRow {
                id: row.id,
                at: row.at,
                account: row.account_id,
                act: lists::code(&row.act, "case_moves.act")?,
                from: lists::code(&row.from_state, "case_moves.from_state")?,
                to: lists::code(&row.to_state, "case_moves.to_state")?,
                volunteer: row.volunteer_id.map(VolunteerId),
                why: row.why,
                note: self.sealed_row("case_moves", row.id).open("note", &row.note)?,
                undone: row.undone,
                version: row.version,
            })
        };
        rows.into_iter().map(opened).collect()
    }

    /// What volunteers and cases had to do with each other, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn between(&self) -> Result<Vec<Between>, StoreError> {
        let rows: Vec<(i64, i64, String, DateTime<Utc>)> =
            on_pool!(self, pool => sqlx::query_as(BETWEEN).bind(false).fetch_all(pool).await?);
        let opened = |(case, volunteer, act, at): (i64, i64, String, DateTime<Utc>)| {
            let act = lists::code(&act, "case_moves.act")?;
            Ok(Between { case: CaseId(case), volunteer: VolunteerId(volunteer), act, at })
        };
        rows.into_iter().map(opened).collect()
    }
}

/// The tables see only what is sealed and cannot check this.
fn check_notes(orders: &[Order]) -> Result<(), StoreError> {
    let too_long = |text: &str| text.chars().count() > NOTES_MAX_CHARS;
    match orders.iter().find(|o| too_long(&o.note) || o.visit.as_ref().is_some_and(|visit| too_long(&visit.note))) {
        None => Ok(()),
        Some(order) => Err(StoreError::Invalid {
            row: format!("case {}", order.case.0),
            reason: format!("a note has more than {NOTES_MAX_CHARS} characters"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::case::Sign;
    use crate::domain::case_life::Closing;

    #[test]
    fn a_standing_is_read_back_as_it_was_written() {
        let day = |n| NaiveDate::from_ymd_opt(2026, 11, n);
        let full = Standing {
            state: CaseState::Paused,
            volunteer: Some(VolunteerId(7)),
            backup: Some(VolunteerId(9)),
            proposed_at: "2026-11-24T09:00:00.123456Z".parse().ok(),
            informed_on: day(1),
            agreed_on: day(2),
            last_contact_on: day(3),
            next_contact_on: day(4),
            review_on: day(5),
            signs: BTreeSet::from([Sign::PerteConfiance, Sign::DangerImmediat]),
            danger_cleared_on: day(6),
            closing: Some(Closing::Moved),
        };
        assert_eq!(read(&written(&full)).expect("read"), full);
        let bare = Standing {
            state: CaseState::Reported,
            volunteer: None,
            backup: None,
            proposed_at: None,
            informed_on: None,
            agreed_on: None,
            last_contact_on: None,
            next_contact_on: None,
            review_on: None,
            signs: BTreeSet::new(),
            danger_cleared_on: None,
            closing: None,
        };
        assert_eq!(read(&written(&bare)).expect("read"), bare);
        assert!(read("reported|").is_err());
    }
}
