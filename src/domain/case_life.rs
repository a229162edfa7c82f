//! The life of a case: which moves are legal, and what each one changes. Pure: a standing and a move give a standing.
//!
//! ```text
//! reported → to_qualify → informing → qualified → proposed → accepted → accompanied ⇄ paused
//!                                         ↑___________|___________|___________|         any open one → closed → archived
//! ```
//! A purge is no move: it erases (`service/retention.rs`), and so does a refusal (`service/informing.rs`).

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use super::calendar::{after_business_time, day_of};
use super::case::{CaseState, Sign};
use super::closed_list::closed_list;
use super::volunteer::VolunteerId;

/// A proposal without an answer goes back to the queue after two working days: 18 hours of business time.
pub const ANSWER_WITHIN: TimeDelta = TimeDelta::hours(18);
/// A move can be undone by its author for so long.
pub const UNDO_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// The first review comes so many weeks after the first visit (befriending practice).
pub const FIRST_REVIEW_WEEKS: u64 = 6;
/// Then one comes every so many months.
pub const REVIEW_MONTHS: u32 = 6;
/// A next contact is due within so many years: a later one is a typing error.
pub const DUE_YEARS: u32 = 100;
/// Who waits for a volunteer hears from us at least every so many days.
pub const WAITING_CONTACT_DAYS: u64 = 14;

closed_list!(
    /// Why a case was closed. `refused` stands for files that come in: here a refusal erases the case.
    Closing {
        AutonomyRegained = "autonomy_regained",
        InstitutionTookOver = "institution_took_over",
        Refused = "refused",
        Moved = "moved",
        Died = "died",
        OutOfScope = "out_of_scope",
        Duplicate = "duplicate",
        Error = "error",
    }
);

closed_list!(
    /// Why a volunteer says no. Never a judgement of the person.
    Declining {
        NoTime = "no_time",
        TooFar = "too_far",
        KnowsPerson = "knows_person",
        NotAtEase = "not_at_ease",
        Other = "other",
    }
);

closed_list!(
    /// What was done with a case.
    CaseAct {
        TakeUp = "take_up",
        Inform = "inform",
        Qualify = "qualify",
        Propose = "propose",
        Accept = "accept",
        Decline = "decline",
        Withdraw = "withdraw",
        Expire = "expire",
        Begin = "begin",
        Contact = "contact",
        Review = "review",
        Pause = "pause",
        Resume = "resume",
        HandOver = "hand_over",
        Release = "release",
        BackUp = "back_up",
        RaiseDanger = "raise_danger",
        ClearDanger = "clear_danger",
        Close = "close",
        Reopen = "reopen",
        Archive = "archive",
        Undo = "undo",
    }
);

/// A move, with what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Somebody looks into the report.
    TakeUp,
    /// Information and agreement begin.
    Inform,
    /// The person was told and agrees.
    Qualify,
    /// Offered to a volunteer.
    Propose(VolunteerId),
    /// The volunteer says yes.
    Accept,
    /// The volunteer says no.
    Decline(Declining),
    /// The coordination takes the proposal back.
    Withdraw,
    /// Nobody answered in time.
    Expire,
    /// The first visit took place on a day; the next one is due on another.
    Begin(NaiveDate, Option<NaiveDate>),
    /// There was a contact on a day; the next one is due on another.
    Contact(NaiveDate, Option<NaiveDate>),
    /// The coordination has reviewed the case.
    Review,
    /// Visits stop for a while.
    Pause,
    /// Visits go on.
    Resume,
    /// From one volunteer to another, who is asked first.
    HandOver(VolunteerId),
    /// The volunteer stops; somebody else must be found.
    Release,
    /// A second volunteer stands by, or no longer does.
    BackUp(Option<VolunteerId>),
    /// A danger was seen.
    RaiseDanger(Sign),
    /// A person has dealt with the danger.
    ClearDanger,
    /// The end.
    Close(Closing),
    /// It was no end.
    Reopen,
    /// Kept apart until the purge.
    Archive,
}

impl Move {
    /// The word for it.
    #[must_use]
    pub const fn act(self) -> CaseAct {
        match self {
            Self::TakeUp => CaseAct::TakeUp,
            Self::Inform => CaseAct::Inform,
            Self::Qualify => CaseAct::Qualify,
            Self::Propose(_) => CaseAct::Propose,
            Self::Accept => CaseAct::Accept,
            Self::Decline(_) => CaseAct::Decline,
            Self::Withdraw => CaseAct::Withdraw,
            Self::Expire => CaseAct::Expire,
            Self::Begin(..) => CaseAct::Begin,
            Self::Contact(..) => CaseAct::Contact,
            Self::Review => CaseAct::Review,
            Self::Pause => CaseAct::Pause,
            Self::Resume => CaseAct::Resume,
            Self::HandOver(_) => CaseAct::HandOver,
            Self::Release => CaseAct::Release,
            Self::BackUp(_) => CaseAct::BackUp,
            Self::RaiseDanger(_) => CaseAct::RaiseDanger,
            Self::ClearDanger => CaseAct::ClearDanger,
            Self::Close(_) => CaseAct::Close,
            Self::Reopen => CaseAct::Reopen,
            Self::Archive => CaseAct::Archive,
        }
    }

    /// The code of why, where a closed list says it.
    #[must_use]
    pub const fn why(self) -> Option<&'static str> {
        match self {
            Self::Decline(why) => Some(why.code()),
            Self::Close(why) => Some(why.code()),
            Self::RaiseDanger(sign) => Some(sign.code()),
            _ => None,
        }
    }
}

/// All of a case that a move can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub state: CaseState,
    /// Who has it or is offered it.
    pub volunteer: Option<VolunteerId>,
    /// Who stands by.
    pub backup: Option<VolunteerId>,
    /// Since when it is offered.
    pub proposed_at: Option<DateTime<Utc>>,
    /// The day on which the person was told.
    pub informed_on: Option<NaiveDate>,
    /// The day on which the person agreed.
    pub agreed_on: Option<NaiveDate>,
    /// The day of the last contact.
    pub last_contact_on: Option<NaiveDate>,
    /// The day by which the next contact is due.
    pub next_contact_on: Option<NaiveDate>,
    /// The day by which the coordination looks at it again.
    pub review_on: Option<NaiveDate>,
    /// What was noticed.
    pub signs: BTreeSet<Sign>,
    /// The day on which a danger was dealt with.
    pub danger_cleared_on: Option<NaiveDate>,
    /// Why it was closed.
    pub closing: Option<Closing>,
}

impl Standing {
    /// Whether a danger holds that nobody has dealt with.
    #[must_use]
    pub fn in_danger(&self) -> bool {
        in_danger(&self.signs, self.danger_cleared_on)
    }
}

/// Whether a danger holds that nobody has dealt with (product rule 1).
#[must_use]
pub fn in_danger(signs: &BTreeSet<Sign>, cleared_on: Option<NaiveDate>) -> bool {
    cleared_on.is_none() && signs.iter().any(|sign| sign.is_danger())
}

/// When a proposal goes back to the queue.
#[must_use]
pub fn answer_due_at(proposed_at: DateTime<Utc>) -> DateTime<Utc> {
    after_business_time(proposed_at, ANSWER_WITHIN)
}

closed_list!(
    /// Why a move cannot be made.
    Illegal {
        /// Not from where the case stands.
        NotFromHere = "not_from_here",
        /// A danger holds that nobody has dealt with.
        InDanger = "in_danger",
        /// The time to answer is over.
        TooLate = "too_late",
        /// The time to answer is not over.
        TooEarly = "too_early",
        /// The case has this volunteer already.
        SameVolunteer = "same_volunteer",
        /// A day that is still to come, or is before the report.
        WrongDay = "wrong_day",
        /// A refusal erases the case: it is no closing.
        RefusalErases = "refusal_erases",
    }
);

/// The standing after a move; the former one is left as it is.
///
/// # Errors
/// [`Illegal`] says why the move cannot be made.
#[expect(clippy::too_many_lines, reason = "one arm for each move: the table stays whole")]
pub fn after(standing: &Standing, step: Move, now: DateTime<Utc>) -> Result<Standing, Illegal> {
    use CaseState::{
        Accepted, Accompanied, Archived, Closed, Informing, Paused, Proposed, Qualified, Reported, ToQualify,
    };
    let today = day_of(now);
    let mut next = standing.clone();
    let from = |states: &[CaseState]| if states.contains(&standing.state) { Ok(()) } else { Err(Illegal::NotFromHere) };
    let ours = [Accepted, Accompanied, Paused];
    match step {
        Move::TakeUp => {
            from(&[Reported])?;
            next.state = ToQualify;
        }
        Move::Inform => {
            from(&[Reported, ToQualify])?;
            next.state = Informing;
        }
        Move::Qualify => {
            from(&[ToQualify, Informing])?;
            next.state = Qualified;
            next.informed_on = standing.informed_on.or(Some(today));
            next.agreed_on = Some(today);
            next.last_contact_on = standing.last_contact_on.max(Some(today));
            next.next_contact_on = today.checked_add_days(Days::new(WAITING_CONTACT_DAYS));
        }
        Move::Propose(volunteer) => {
            from(&[Qualified])?;
            not_in_danger(standing)?;
            offer(&mut next, volunteer, now);
        }
        Move::Accept => {
            from(&[Proposed])?;
            not_in_danger(standing)?;
            if is_expired(standing, now) {
                return Err(Illegal::TooLate);
            }
            next.state = Accepted;
            next.proposed_at = None;
            next.next_contact_on = today.checked_add_days(Days::new(7));
        }
        Move::Decline(_) | Move::Withdraw => {
            from(&[Proposed])?;
            back_to_the_queue(&mut next);
        }
        Move::Expire => {
            from(&[Proposed])?;
            if !is_expired(standing, now) {
                return Err(Illegal::TooEarly);
            }
            back_to_the_queue(&mut next);
        }
        Move::Begin(on, due) => {
            from(&[Accepted])?;
            not_to_come(on, today)?;
            not_over(due, today)?;
            next.state = Accompanied;
            next.last_contact_on = standing.last_contact_on.max(Some(on));
            next.next_contact_on = due;
            next.review_on = on.checked_add_days(Days::new(7 * FIRST_REVIEW_WEEKS));
        }
        Move::Contact(on, due) => {
            open(standing)?;
            not_to_come(on, today)?;
            not_over(due, today)?;
            next.last_contact_on = standing.last_contact_on.max(Some(on));
            next.next_contact_on = due.or_else(|| {
                let waits = standing.state.waits_for_a_volunteer();
                waits.then(|| on.checked_add_days(Days::new(WAITING_CONTACT_DAYS))).flatten()
            });
        }
        Move::Review => {
            from(&[Accompanied, Paused])?;
            next.review_on = today.checked_add_months(Months::new(REVIEW_MONTHS));
        }
        Move::Pause => {
            from(&[Accompanied])?;
            next.state = Paused;
        }
        Move::Resume => {
            from(&[Paused])?;
            next.state = Accompanied;
        }
        Move::HandOver(volunteer) => {
            from(&ours)?;
            not_in_danger(standing)?;
            if standing.volunteer == Some(volunteer) {
                return Err(Illegal::SameVolunteer);
            }
            offer(&mut next, volunteer, now);
        }
        Move::Release => {
            from(&ours)?;
            back_to_the_queue(&mut next);
        }
        Move::BackUp(volunteer) => {
            from(&[Qualified, Proposed, Accepted, Accompanied, Paused])?;
            if volunteer.is_some() && volunteer == standing.volunteer {
                return Err(Illegal::SameVolunteer);
            }
            next.backup = volunteer;
        }
        Move::RaiseDanger(sign) => {
            open(standing)?;
            if !sign.is_danger() {
                return Err(Illegal::NotFromHere);
            }
            next.signs.insert(sign);
            next.danger_cleared_on = None;
        }
        Move::ClearDanger => {
            open(standing)?;
            if !standing.in_danger() {
                return Err(Illegal::NotFromHere);
            }
            next.danger_cleared_on = Some(today);
        }
        Move::Close(Closing::Refused) => return Err(Illegal::RefusalErases),
        Move::Close(why) => {
            open(standing)?;
            if standing.state == Proposed {
                next.volunteer = None;
            }
            next.state = Closed;
            next.closing = Some(why);
            next.backup = None;
            (next.proposed_at, next.next_contact_on, next.review_on) = (None, None, None);
        }
        Move::Reopen => {
            from(&[Closed])?;
            next.state = ToQualify;
            (next.closing, next.volunteer) = (None, None);
        }
        Move::Archive => {
            from(&[Closed])?;
            next.state = Archived;
        }
    }
    Ok(next)
}

/// Whether the time to answer a proposal is over.
#[must_use]
pub fn is_expired(standing: &Standing, now: DateTime<Utc>) -> bool {
    // A proposal of before the clock was kept has none: it waits for a person.
    standing.proposed_at.is_some_and(|at| now > answer_due_at(at))
}

fn open(standing: &Standing) -> Result<(), Illegal> {
    if standing.state.is_open() { Ok(()) } else { Err(Illegal::NotFromHere) }
}

fn not_in_danger(standing: &Standing) -> Result<(), Illegal> {
    if standing.in_danger() { Err(Illegal::InDanger) } else { Ok(()) }
}

fn not_to_come(on: NaiveDate, today: NaiveDate) -> Result<(), Illegal> {
    if on > today { Err(Illegal::WrongDay) } else { Ok(()) }
}

fn not_over(due: Option<NaiveDate>, today: NaiveDate) -> Result<(), Illegal> {
    let latest = today.checked_add_months(Months::new(12 * DUE_YEARS)).unwrap_or(NaiveDate::MAX);
    if due.is_some_and(|due| !(today..=latest).contains(&due)) { Err(Illegal::WrongDay) } else { Ok(()) }
}

fn offer(next: &mut Standing, volunteer: VolunteerId, now: DateTime<Utc>) {
    next.state = CaseState::Proposed;
    next.volunteer = Some(volunteer);
    next.proposed_at = Some(now);
    if next.backup == Some(volunteer) {
        next.backup = None;
    }
}

fn back_to_the_queue(next: &mut Standing) {
    next.state = CaseState::Qualified;
    next.volunteer = None;
    next.proposed_at = None;
}

#[cfg(test)]
mod tests;
