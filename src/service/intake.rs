//! Taking a report: a new case by house number, by a point on the map, or with a place in words when nobody knows better;
//! or one more report of somebody who is known.
//!
//! A sign of danger needs what was done about it (rule 1), and nothing stands in its way. A form that is sent twice is
//! recorded once.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::ServiceError;
use super::informing::check_opposition;
use super::rectification::checked_languages;
use super::study_area::{StudyArea, StudyAreas};
use super::viewer::Viewer;
use crate::domain::audit::Author;
use crate::domain::case::{Case, CaseId, IsolationDuration, NOTES_MAX_CHARS, Sign, SubjectKind};
use crate::domain::input::InputError;
use crate::domain::position::LonLat;
use crate::domain::report::{Household, Mobility, PEOPLE_MAX, Report, Reporter};
use crate::store::{Form, Person, Taken, Told};

/// Where it is, as it was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spot {
    /// An address that was chosen from the search.
    pub address_id: Option<String>,
    /// Or the address or place in words.
    pub address: String,
    /// And a point that was put on the map, which then holds.
    pub position: Option<[f64; 2]>,
}

/// What was told, as it was typed: of a new person or of one who is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telling {
    /// What was seen.
    pub notes: String,
    /// Code of the channel.
    pub channel: String,
    /// Codes of signs that were noticed.
    pub signs: Vec<String>,
    /// What was done at once about a danger.
    pub danger_action: String,
    /// Who told it; each may be empty.
    pub reporter: Reporter,
    /// Code of how the person moves; empty when nobody knows.
    pub mobility: String,
    /// People in the household.
    pub people: Option<u32>,
}

/// A report of somebody new, as it was typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewCase {
    /// Where.
    pub spot: Spot,
    /// What.
    pub telling: Telling,
    /// Family name; may be empty.
    pub family_name: String,
    /// Given name; may be empty.
    pub given_name: String,
    /// Phone; may be empty.
    pub phone: String,
    /// Code of who is alone; a person without it.
    pub subject: String,
    /// Codes of causes.
    pub causes: Vec<String>,
    /// Code of the duration; unknown without it.
    pub duration: String,
    /// ISO 639-1 codes, in order of preference.
    pub languages: Vec<String>,
    /// Why the report is taken although the person refused before.
    pub override_reason: Option<String>,
}

/// Who sends a form, and the key that the page drew for it.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// Who.
    pub by: Author,
    /// The account.
    pub account: Option<i64>,
    /// The key; without one a form that is sent twice is recorded twice.
    pub form: Option<&'a str>,
}

impl<'a> Sender<'a> {
    /// Whoever signed in sends a form.
    #[must_use]
    pub fn new(viewer: &Viewer, form: Option<&'a str>) -> Self {
        Self { by: viewer.author(), account: viewer.account, form }
    }

    /// A form without a key, from no account.
    #[must_use]
    pub const fn without_a_key(by: Author) -> Self {
        Self { by, account: None, form: None }
    }
}

/// Where a report went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The case.
    pub case: CaseId,
    /// Whether the same form was recorded before, and nothing was written now.
    pub before: bool,
}

/// Longest name, phone or address, in characters.
const LINE_MAX_CHARS: usize = 200;

/// Records a report as a new case in state `reported`, with its first report. An address that is not found is kept in
/// words, and a place outside the quarters where it is: the case is never lost.
///
/// # Errors
/// [`ServiceError::Input`] names the field that is missing or wrong; [`ServiceError::Refused`] `opposition_recorded` when
/// this person refused before and no reason is given, `other_form` when the key belongs to another form. Nothing was
/// written then.
pub async fn report_case(areas: &StudyAreas, new: &NewCase, sender: Sender<'_>) -> Result<Recorded, ServiceError> {
    let area = areas.fresh().await?;
    let (report, household) = checked_telling(&new.telling, sender)?;
    for (field, value) in [("family_name", &new.family_name), ("given_name", &new.given_name), ("phone", &new.phone)] {
        checked_line(field, value)?;
    }
    let (address, position) = place(&area, &new.spot)?;
    if address.is_empty() && position.is_none() {
        return Err(required("address", "the place is missing", "Give an address, or say what it is near to"));
    }
    let person =
        Person { name: &format!("{} {}", new.given_name, new.family_name), address: &address, phone: &new.phone };
    let in_danger = report.signs.iter().any(|sign| sign.is_danger());
    let reason = new.override_reason.as_deref();
    let passed_over = check_opposition(areas.store(), person, in_danger, reason, sender.by.today()).await?;
    let case = Case {
        subject: or_first(&new.subject, SubjectKind::Person, "subject")?,
        family_name: new.family_name.trim().to_owned(),
        given_name: new.given_name.trim().to_owned(),
        phone: new.phone.trim().to_owned(),
        address,
        position,
        causes: listed(&new.causes, "causes")?,
        duration: or_first(&new.duration, IsolationDuration::Inconnue, "duration")?,
        // Rule 1: with a danger nobody is proposed until a person has cleared it.
        signs: report.signs.clone(),
        languages: checked_languages(new.languages.clone())?,
        notes: report.seen.clone(),
        ..Case::reported(report.channel, sender.by.today())
    };
    let content = format!("{new:?}");
    let form = sender.form.map(|key| Form { key, content: &content });
    let told = Told { report: &report, household, form };
    recorded(areas.store().take_case(&case, told, passed_over.as_deref(), sender.by).await?)
}

/// Adds a report to a case that is there. Its signs become signs of the case.
///
/// # Errors
/// [`ServiceError::Input`] names the field that is missing or wrong; [`ServiceError::NotFound`] without such a case;
/// [`ServiceError::Refused`] `other_form` when the key belongs to another form. Nothing was written then.
pub async fn add_report(
    areas: &StudyAreas,
    case: CaseId,
    telling: &Telling,
    sender: Sender<'_>,
) -> Result<Recorded, ServiceError> {
    let (report, household) = checked_telling(telling, sender)?;
    let content = format!("{case:?} {telling:?}");
    let form = sender.form.map(|key| Form { key, content: &content });
    recorded(areas.store().add_report(case, Told { report: &report, household, form }, sender.by).await?)
}

fn recorded(taken: Taken) -> Result<Recorded, ServiceError> {
    match taken {
        Taken::Now(case) => Ok(Recorded { case, before: false }),
        Taken::Before(case) => Ok(Recorded { case, before: true }),
        Taken::NoCase => Err(ServiceError::NotFound("case")),
        Taken::OtherForm => {
            let detail = "a form with this key was recorded before, with another content; nothing was written";
            Err(ServiceError::refused("other_form", detail, "Look the first one up before you send this one"))
        }
    }
}

fn checked_telling(telling: &Telling, sender: Sender<'_>) -> Result<(Report, Household), ServiceError> {
    let seen = checked_notes(&telling.notes)?;
    if seen.is_empty() {
        return Err(required("notes", "what was seen is missing", "Say in a few words what was seen"));
    }
    let signs: BTreeSet<Sign> = listed(&telling.signs, "signs")?;
    let danger_action = checked_text("danger_action", &telling.danger_action)?;
    if danger_action.is_empty() && signs.iter().any(|sign| sign.is_danger()) {
        let problem = "somebody is in danger, and what was done about it is missing";
        return Err(required("danger_action", problem, "Call first (15, 112, 114 or 3114), then say what was done"));
    }
    let Reporter { name, phone, relation } = &telling.reporter;
    let reporter = Reporter {
        name: checked_line("reporter_name", name)?.to_owned(),
        phone: checked_line("reporter_phone", phone)?.to_owned(),
        relation: checked_line("reporter_relation", relation)?.to_owned(),
    };
    if telling.people.is_some_and(|people| !(1..=PEOPLE_MAX).contains(&people)) {
        return Err(required("people", "a household has 1 to 30 people", "Correct the number, or leave it out"));
    }
    let household =
        Household { mobility: or_first(&telling.mobility, Mobility::Inconnue, "mobility")?, people: telling.people };
    let report = Report {
        at: sender.by.at,
        channel: one_of(&telling.channel, "channel")?,
        seen: seen.to_owned(),
        signs,
        danger_action: danger_action.to_owned(),
        reporter,
        account: sender.account,
    };
    Ok((report, household))
}

fn one_of<T: FromStr<Err = crate::domain::closed_list::NotInList>>(code: &str, field: &str) -> Result<T, ServiceError> {
    code.parse().map_err(|error: T::Err| {
        InputError::new("not_in_list", error.to_string(), "Choose one of the list").in_field(field).into()
    })
}

fn or_first<T: FromStr<Err = crate::domain::closed_list::NotInList>>(
    code: &str,
    otherwise: T,
    field: &str,
) -> Result<T, ServiceError> {
    if code.is_empty() { Ok(otherwise) } else { one_of(code, field) }
}

fn listed<T: FromStr<Err = crate::domain::closed_list::NotInList> + Ord>(
    codes: &[String],
    field: &str,
) -> Result<BTreeSet<T>, ServiceError> {
    codes.iter().map(|code| one_of(code, field)).collect()
}

/// Notes without the white space around them.
pub(super) fn checked_notes(notes: &str) -> Result<&str, ServiceError> {
    checked_text("notes", notes)
}

/// Free text without the white space around it.
fn checked_text<'a>(field: &str, text: &'a str) -> Result<&'a str, ServiceError> {
    let text = text.trim();
    if text.chars().count() > NOTES_MAX_CHARS {
        return Err(required(field, "the text is longer than 500 characters", "Shorten it"));
    }
    if text.chars().any(|c| is_invisible(c) && c != '\n' && c != '\r' && c != '\t') {
        return Err(required(field, "the text holds invisible control characters", "Type it again"));
    }
    Ok(text)
}

/// One line without the white space around it.
pub(super) fn checked_line<'a>(field: &str, value: &'a str) -> Result<&'a str, ServiceError> {
    if value.chars().count() > LINE_MAX_CHARS {
        return Err(required(field, "the text is longer than 200 characters", "Shorten it"));
    }
    if value.chars().any(is_invisible) {
        return Err(required(field, "the text holds invisible control characters", "Type it again"));
    }
    Ok(value.trim())
}

/// The address that was chosen or found by its words, with its position; else the words, with the point that was put on
/// the map or without one.
pub(super) fn place(area: &StudyArea, spot: &Spot) -> Result<(String, Option<LonLat>), ServiceError> {
    let Spot { address_id, address, position } = spot;
    let words = checked_line("address", address)?;
    if let Some([lon, lat]) = position {
        let position = LonLat::try_new(*lon, *lat)
            .map_err(|error| required("position", &error.to_string(), "Put the point on the map again"))?;
        return Ok((words.to_owned(), Some(position)));
    }
    let chosen = match address_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => {
            let known = area.addresses().by_id(id);
            Some(known.ok_or_else(|| {
                InputError::new("unknown_address", "this address is no longer in the list", "Choose it again")
                    .in_field("address")
            })?)
        }
        None => area.addresses().exact(words),
    };
    let label = chosen.map_or_else(|| words.to_owned(), crate::domain::address::Address::label);
    Ok((label, chosen.map(|address| address.position)))
}

/// Control characters, and those that turn the direction of a line around.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

pub(super) fn required(field: &str, problem: &str, remedy: &str) -> ServiceError {
    InputError::new("invalid_field", problem, remedy).in_field(field).into()
}
