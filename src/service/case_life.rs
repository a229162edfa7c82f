//! What is done with a case, by whom it may be done, and what was done.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::intake::{checked_notes, required};
use super::study_area::{StudyArea, StudyAreas};
use super::viewer::Viewer;
use super::views::short_name;
use crate::domain::access::{Fields, Record, Role};
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::calendar::day_of;
use crate::domain::case::{Case, CaseId, CaseState, Sign};
use crate::domain::case_life::{
    CaseAct, Closing, Declining, Illegal, Move, Standing, UNDO_WITHIN, after, answer_due_at,
};
use crate::domain::input::InputError;
use crate::domain::visit::{ReferralOutcome, Visit, VisitKind};
use crate::domain::volunteer::VolunteerId;
use crate::store::{MoveRow, Mover, NotMoved, Order, Store};

/// Shortest word on what was done about a danger, in characters.
const DANGER_MIN_CHARS: usize = 10;
/// Longest name of an institution, in characters.
const INSTITUTION_MAX_CHARS: usize = 200;

/// What a volunteer may do with his or her own people; everything else is the coordination's.
const OWN_ACTS: [CaseAct; 6] =
    [CaseAct::Accept, CaseAct::Decline, CaseAct::Begin, CaseAct::Contact, CaseAct::Release, CaseAct::RaiseDanger];

/// A move as it was asked for.
#[derive(Debug, Clone, Default)]
pub struct MoveForm {
    /// Code of what.
    pub act: String,
    /// Who is asked, or stands by.
    pub volunteer: Option<i64>,
    /// Code of why: of a closing, of a refusal to take the case, of a danger.
    pub why: Option<String>,
    /// In words.
    pub note: String,
    /// The day of a contact; today without it.
    pub on: Option<NaiveDate>,
    /// The day by which the next contact is due.
    pub next_contact_on: Option<NaiveDate>,
    /// A visit that it tells of: code of how, codes of what was noticed.
    pub visit: Option<(String, Vec<String>)>,
}

/// What came of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Done; the new version.
    Done(i64),
    /// Somebody has changed the case meanwhile; nothing was written.
    Changed,
}

/// Whether everybody's cases are the viewer's to move, or only a volunteer's own.
fn mover(viewer: &Viewer) -> Result<Mover, ServiceError> {
    let only_of = if viewer.roles.contains(&Role::Coordination) {
        None
    } else {
        Some(viewer.volunteer.ok_or(ServiceError::NotFound("case"))?)
    };
    Ok(Mover { account: viewer.account, only_of, by: viewer.author() })
}

/// Makes a move, if the case is still as it was seen.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case that is not there or not the viewer's; [`ServiceError::Input`] for a wrong field;
/// [`ServiceError::Refused`] with the code of [`Illegal`], or `no_place`, when the move cannot be made.
pub async fn make_move(
    areas: &StudyAreas,
    viewer: &Viewer,
    case: CaseId,
    form: &MoveForm,
    version: i64,
) -> Result<Moved, ServiceError> {
    let mover = mover(viewer)?;
    let area = areas.fresh().await?;
    let index = area.index_of_case(case)?;
    let of = area.cases()[index].1.volunteer.as_deref().and_then(|v| area.volunteer_index(v));
    if mover.only_of.is_some() && of.map(|i| area.volunteers()[i].0) != mover.only_of {
        return Err(ServiceError::NotFound("case"));
    }
    let note = checked_notes(&form.note)?.to_owned();
    let (step, visit) = step_of(form, &note, area.cases()[index].1.state, day_of(viewer.now))?;
    if mover.only_of.is_some() && !OWN_ACTS.contains(&step.act()) {
        return Err(ServiceError::NotFound("case"));
    }
    if let Move::BackUp(Some(volunteer)) = step {
        area.index_of_volunteer(volunteer)?;
    }
    let note = if visit.is_some() { String::new() } else { note };
    let order = Order { case, version: Some(version), step, note, visit };
    match areas.store().move_cases(&[order], mover).await? {
        Ok(versions) => Ok(Moved::Done(versions.first().copied().unwrap_or(version))),
        Err((_, NotMoved::Changed)) => Ok(Moved::Changed),
        Err((_, why)) => Err(not_moved(why)),
    }
}

/// Takes the viewer's own last move of a case back, within ten minutes.
///
/// # Errors
/// [`ServiceError::Refused`] `nothing_to_undo`; [`ServiceError::NotFound`] for a case that is not there.
pub async fn undo(areas: &StudyAreas, viewer: &Viewer, case: CaseId) -> Result<i64, ServiceError> {
    // Whoever declined has lost the case from sight and may still take that back: the move must be the author's own.
    areas.store().undo_move(case, mover(viewer)?).await?.map_err(not_moved)
}

/// Returns to the queue what nobody has answered in time. Answers how many.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn expire_proposals(store: &Store, by: Author) -> Result<usize, ServiceError> {
    let mover = Mover { account: None, only_of: None, by };
    let mut count = 0;
    for (case, version, at) in store.proposed_cases().await? {
        if by.at <= answer_due_at(at) {
            continue;
        }
        let order = Order { case, version: Some(version), step: Move::Expire, note: String::new(), visit: None };
        // Somebody may have been quicker: that is well.
        count += usize::from(store.move_cases(&[order], mover).await?.is_ok());
    }
    Ok(count)
}

/// A code of a closed list.
fn code<T: std::str::FromStr>(field: &str, text: Option<&str>) -> Result<T, ServiceError> {
    let wrong = || InputError::new("not_in_list", "the value is not in the list", "Choose one of the list");
    text.unwrap_or_default().parse().map_err(|_| wrong().in_field(field).into())
}

/// The move that a form asks for, and the visit that it tells of.
fn step_of(
    form: &MoveForm,
    note: &str,
    state: CaseState,
    today: NaiveDate,
) -> Result<(Move, Option<Visit>), ServiceError> {
    let volunteer = || {
        let id = form.volunteer.map(VolunteerId);
        id.ok_or_else(|| required("volunteer_id", "the volunteer is missing", "Choose a volunteer"))
    };
    let why = form.why.as_deref();
    let on = form.on.unwrap_or(today);
    let act: CaseAct = code("act", Some(&form.act))?;
    let step = match act {
        CaseAct::TakeUp => Move::TakeUp,
        CaseAct::Inform => Move::Inform,
        CaseAct::Qualify => Move::Qualify,
        CaseAct::Propose => Move::Propose(volunteer()?),
        CaseAct::Accept => Move::Accept,
        CaseAct::Decline => Move::Decline(code::<Declining>("why", why)?),
        CaseAct::Withdraw => Move::Withdraw,
        CaseAct::Begin => Move::Begin(on, form.next_contact_on),
        CaseAct::Contact => Move::Contact(on, form.next_contact_on),
        CaseAct::Review => Move::Review,
        CaseAct::Pause => Move::Pause,
        CaseAct::Resume => Move::Resume,
        CaseAct::HandOver => Move::HandOver(volunteer()?),
        CaseAct::Release => Move::Release,
        CaseAct::BackUp => Move::BackUp(form.volunteer.map(VolunteerId)),
        CaseAct::RaiseDanger => Move::RaiseDanger(code::<Sign>("why", why)?),
        CaseAct::ClearDanger if note.chars().count() < DANGER_MIN_CHARS => {
            return Err(required("note", "what was done is missing", "Say in a sentence what was done"));
        }
        CaseAct::ClearDanger => Move::ClearDanger,
        CaseAct::Close => Move::Close(code::<Closing>("why", why)?),
        CaseAct::Reopen => Move::Reopen,
        CaseAct::Archive => Move::Archive,
        CaseAct::Expire | CaseAct::Undo => return Err(required("act", "nobody does this by hand", "Choose another")),
    };
    let Some((kind, noticed)) = &form.visit else { return Ok((step, None)) };
    let kind: VisitKind = code("visit.kind", Some(kind))?;
    let impressions = noticed.iter().map(|one| code("visit.impressions", Some(one))).collect::<Result<_, _>>()?;
    let visit = Visit { on, kind, impressions, note: note.to_owned() };
    let step = match step {
        // The first time that somebody was met, the accompaniment begins.
        Move::Contact(on, due) if state == CaseState::Accepted && kind != VisitKind::NoAnswer => Move::Begin(on, due),
        Move::Begin(..) | Move::Contact(..) => step,
        _ => return Err(required("visit", "this act tells of no visit", "Leave the visit out")),
    };
    Ok((step, Some(visit)))
}

/// Why nothing was moved, in French.
pub(super) fn not_moved(why: NotMoved) -> ServiceError {
    let (code, detail, remedy) = match why {
        NotMoved::NotThere => return ServiceError::NotFound("case"),
        NotMoved::Changed => (
            "changed_meanwhile",
            "Cette situation a été modifiée entre-temps",
            "Relisez-la, puis recommencez si c’est encore utile",
        ),
        NotMoved::Illegal(Illegal::InDanger) => (
            Illegal::InDanger.code(),
            "Un danger est signalé et personne ne l’a encore levé",
            "Dites d’abord ce qui a été fait",
        ),
        NotMoved::Illegal(Illegal::TooLate) => (
            Illegal::TooLate.code(),
            "Le délai de deux jours ouvrés est passé : la situation est revenue à la coordination",
            "Appelez la coordination",
        ),
        NotMoved::Illegal(Illegal::SameVolunteer) => {
            (Illegal::SameVolunteer.code(), "C’est déjà ce BienVeilleur", "Choisissez quelqu’un d’autre")
        }
        NotMoved::Illegal(Illegal::WrongDay) => (
            Illegal::WrongDay.code(),
            "Cette date ne convient pas",
            "Un contact n’est ni à venir ni avant le signalement ; le prochain n’est pas déjà passé",
        ),
        NotMoved::Illegal(Illegal::RefusalErases) => (
            Illegal::RefusalErases.code(),
            "Un refus efface la situation : il ne se note pas comme une clôture",
            "Utilisez « La personne refuse »",
        ),
        NotMoved::Illegal(other @ (Illegal::NotFromHere | Illegal::TooEarly)) => {
            (other.code(), "Cette étape n’est pas possible maintenant", "Relisez la situation")
        }
        NotMoved::NoPlace => (
            "no_place",
            "Ce BienVeilleur n’a plus de place, ou n’est pas actif ou habilité",
            "Choisissez quelqu’un d’autre",
        ),
        NotMoved::NothingToUndo => (
            "nothing_to_undo",
            "Il n’y a plus rien à annuler : dix minutes sont passées, ou quelqu’un d’autre a agi depuis",
            "Faites l’étape inverse",
        ),
    };
    ServiceError::refused(code, detail, remedy)
}

/// How a case of the snapshot stands.
fn standing_of(area: &StudyArea, case: &Case) -> Standing {
    let key = |reference: &Option<String>| {
        reference.as_deref().and_then(|r| area.volunteer_index(r)).map(|i| area.volunteers()[i].0)
    };
    Standing {
        state: case.state,
        volunteer: key(&case.volunteer),
        backup: key(&case.backup),
        proposed_at: case.proposed_at,
        informed_on: case.informed_on,
        agreed_on: case.agreed_on,
        last_contact_on: case.last_contact_on,
        next_contact_on: case.next_contact_on,
        review_on: case.review_on,
        signs: case.signs.clone(),
        danger_cleared_on: case.danger_cleared_on,
        closing: case.closing,
    }
}

/// What can be done with a case now, in the order of [`CaseAct`].
fn possible(standing: &Standing, now: DateTime<Utc>) -> Vec<CaseAct> {
    let (today, somebody) = (day_of(now), VolunteerId(-1));
    let all = [
        Move::TakeUp,
        Move::Inform,
        Move::Qualify,
        Move::Propose(somebody),
        Move::Accept,
        Move::Decline(Declining::Other),
        Move::Withdraw,
        Move::Begin(today, None),
        Move::Contact(today, None),
        Move::Review,
        Move::Pause,
        Move::Resume,
        Move::HandOver(somebody),
        Move::Release,
        Move::BackUp(Some(somebody)),
        Move::RaiseDanger(Sign::DangerImmediat),
        Move::ClearDanger,
        Move::Close(Closing::Moved),
        Move::Reopen,
        Move::Archive,
    ];
    all.into_iter().filter(|step| after(standing, *step, now).is_ok()).map(Move::act).collect()
}

/// The life of a case. What the viewer may not see is absent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LifeView {
    /// The case.
    case_id: i64,
    /// Its version: a move names it in `If-Match`.
    version: i64,
    /// What the viewer can do now, by code.
    acts: Vec<&'static str>,
    /// Until when the viewer can take the last move back.
    undo_until_at: Option<DateTime<Utc>>,
    /// Until when the volunteer can answer.
    answer_due_at: Option<DateTime<Utc>>,
    /// What was done, the oldest first.
    moves: Vec<MoveView>,
    /// Visits and calls, the oldest first.
    visits: Vec<VisitView>,
    /// Institutions that were asked, the oldest first.
    referrals: Vec<ReferralView>,
    /// Who is not to be proposed, by id.
    conflicts: Vec<i64>,
}

/// What was done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MoveView {
    at: DateTime<Utc>,
    /// Name of who did it; `null` for the service itself, and for an account that is gone.
    who: Option<String>,
    act: &'static str,
    from: &'static str,
    to: &'static str,
    /// Name of the volunteer whom it was about.
    volunteer: Option<String>,
    /// Code of why.
    why: Option<String>,
    note: String,
    /// Whether it was taken back.
    undone: bool,
}

/// A visit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitView {
    on: NaiveDate,
    kind: &'static str,
    impressions: Vec<&'static str>,
    note: String,
    /// Name of who visited.
    volunteer: Option<String>,
}

/// An institution that was asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferralView {
    id: i64,
    on: NaiveDate,
    institution: String,
    outcome: Option<&'static str>,
    outcome_on: Option<NaiveDate>,
}

/// The life of a case, for who may see the case at all.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case that is not there or not the viewer's.
pub async fn life(areas: &StudyAreas, viewer: &Viewer, case: CaseId) -> Result<LifeView, ServiceError> {
    let area = areas.fresh().await?;
    let index = area.index_of_case(case)?;
    let whose = super::layers::whose_case(&area, viewer, &area.cases()[index].1);
    let sees = |fields| viewer.sees(Record::Cases, whose, fields);
    let everything = viewer.roles.contains(&Role::Coordination);
    let offered = whose == crate::domain::access::Whose::Proposed;
    if !everything && !offered && !sees(Fields::Notes) {
        return Err(ServiceError::NotFound("case"));
    }
    let store = areas.store();
    let entry = viewer.author().entry(Act::Read, Resource::Cases).about(Subject::Case(case));
    store.record(&[entry.because(viewer.why())]).await?;

    let moves = store.case_moves(case).await?;
    let standing = standing_of(&area, &area.cases()[index].1);
    let mut acts = possible(&standing, viewer.now);
    if !everything {
        acts.retain(|act| OWN_ACTS.contains(act));
    }
    let name = |id: VolunteerId| {
        area.index_of_volunteer(id)
            .ok()
            .map(|i| &area.volunteers()[i].1)
            .map(|v| short_name(&v.given_name, &v.family_name))
    };
    let accounts = if everything { store.account_names().await? } else { BTreeMap::new() };
    let last = moves.iter().rev().find(|row| !row.undone && row.act != CaseAct::Undo);
    let undo_until_at = last
        .filter(|row| row.account.is_some() && row.account == viewer.account && row.version == area.version(case))
        .map(|row| row.at + UNDO_WITHIN)
        .filter(|until| *until >= viewer.now);
    let visits = if sees(Fields::Notes) { store.visits(case).await? } else { Vec::new() };
    let referrals = if sees(Fields::Situation) { store.referrals(case).await? } else { Vec::new() };
    let view = |row: MoveRow| MoveView {
        at: row.at,
        who: row.account.and_then(|id| accounts.get(&id).cloned()),
        act: row.act.code(),
        from: row.from.code(),
        to: row.to.code(),
        volunteer: row.volunteer.and_then(name),
        why: row.why,
        note: row.note,
        undone: row.undone,
    };
    Ok(LifeView {
        case_id: case.0,
        version: area.version(case),
        acts: acts.into_iter().map(CaseAct::code).collect(),
        undo_until_at,
        answer_due_at: standing.proposed_at.map(answer_due_at),
        moves: if everything { moves.into_iter().map(view).collect() } else { Vec::new() },
        visits: (visits.into_iter())
            .map(|(_, volunteer, visit)| VisitView {
                on: visit.on,
                kind: visit.kind.code(),
                impressions: visit.impressions.iter().map(|one| one.code()).collect(),
                note: visit.note,
                volunteer: volunteer.and_then(name),
            })
            .collect(),
        referrals: (referrals.into_iter())
            .map(|referral| ReferralView {
                id: referral.id,
                on: referral.on,
                institution: referral.institution,
                outcome: referral.outcome.map(|(outcome, _)| outcome.code()),
                outcome_on: referral.outcome.map(|(_, on)| on),
            })
            .collect(),
        conflicts: if everything {
            area.ties().conflicts.iter().filter(|(of, _)| *of == case).map(|(_, volunteer)| volunteer.0).collect()
        } else {
            Vec::new()
        },
    })
}

/// Notes that an institution was asked to help.
///
/// # Errors
/// [`ServiceError::Input`] for a wrong field; [`ServiceError::NotFound`] without such a case.
pub async fn refer(
    areas: &StudyAreas,
    viewer: &Viewer,
    case: CaseId,
    institution: &str,
    on: NaiveDate,
) -> Result<i64, ServiceError> {
    let institution = institution.trim();
    if institution.is_empty() || institution.chars().count() > INSTITUTION_MAX_CHARS {
        return Err(required("institution", "the institution is missing or too long", "Name it in a few words"));
    }
    let by = viewer.author();
    if on > by.today() {
        return Err(required("on", "this day is still to come", "Give the day on which it was asked"));
    }
    areas.store().refer(case, institution, on, by).await?.ok_or(ServiceError::NotFound("case"))
}

/// Notes what an institution said.
///
/// # Errors
/// [`ServiceError::Input`] for a wrong field; [`ServiceError::NotFound`] when nobody waits for this answer.
pub async fn close_referral(
    areas: &StudyAreas,
    viewer: &Viewer,
    (case, id): (CaseId, i64),
    outcome: &str,
    on: NaiveDate,
) -> Result<(), ServiceError> {
    let outcome: ReferralOutcome = code("outcome", Some(outcome))?;
    let by = viewer.author();
    if on > by.today() {
        return Err(required("on", "this day is still to come", "Give the day of the answer"));
    }
    let done = areas.store().close_referral(case, id, outcome, on, by).await?;
    if done { Ok(()) } else { Err(ServiceError::NotFound("referral")) }
}

/// Declares that a volunteer and a case are not to meet, or takes it back.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a case or volunteer.
pub async fn set_conflict(
    areas: &StudyAreas,
    viewer: &Viewer,
    case: CaseId,
    volunteer: VolunteerId,
    holds: bool,
) -> Result<(), ServiceError> {
    let area = areas.fresh().await?;
    area.index_of_case(case)?;
    area.index_of_volunteer(volunteer)?;
    areas.store().set_conflict(case, volunteer, holds, viewer.author()).await?;
    Ok(())
}
