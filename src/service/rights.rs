//! The rights desk: who asks, whose record it is, what is done, and until when (GDPR, articles 12 and 15 to 21).

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::access_export::{AccessExport, export_of};
use super::proving::{ProofView, prove, prove_or_later};
use super::trail::name_of;
use super::viewer::Viewer;
use crate::domain::audit::{Act, Author, Resource, Subject};
use crate::domain::input::InputError;
use crate::domain::retention::Durations;
use crate::domain::rights::{ErasureReason, RequestKind, RequestOutcome, days_left, one_month_after};
use crate::format::proof::read_proof;
use crate::store::{AuditFilter, Erased, Erasure, NewRequest, RightsRequest, Store, TracesOf};

/// Longest note, in characters.
const NOTE_MAX_CHARS: usize = 500;
/// For how long it is told that a record was taken out.
const HANDED_OVER_SHOWN: Months = Months::new(3);
/// What a line of the trail says before the key of the request that it is about.
const REQUEST: &str = "request ";

/// Whose record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubjectView {
    /// `case`, `volunteer` or `relay`.
    pub kind: String,
    /// Key; `null` once it is erased.
    pub id: Option<i64>,
    /// Its reference; `null` once it is erased.
    pub reference: Option<String>,
    /// What stands for it in the trail.
    pub pseudonym: String,
}

/// A record that a search found. Nothing of its content is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundView {
    /// `case`, `volunteer` or `relay`.
    pub kind: &'static str,
    /// Key.
    pub id: i64,
    /// Its reference.
    pub reference: String,
    /// Day of the report; `null` for a volunteer or a relay.
    pub since_on: Option<NaiveDate>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequestView {
    /// Key.
    pub id: i64,
    /// `access`, `rectification`, `erasure` or `opposition`.
    pub kind: &'static str,
    /// Whose record; `null` when nobody's was found.
    pub subject: Option<SubjectView>,
    /// The day it came in.
    pub received_on: NaiveDate,
    /// Last day to answer.
    pub due_on: NaiveDate,
    /// Days until then; negative when it has passed.
    pub days_left: i64,
    /// When the erasure or rectification was carried out.
    pub carried_out_at: Option<DateTime<Utc>>,
    /// When it was answered.
    pub closed_on: Option<NaiveDate>,
    /// `granted` or `refused`.
    pub outcome: Option<&'static str>,
    /// Words of the officer.
    pub note: String,
    /// What was looked for after the erasure.
    pub proof: Option<ProofView>,
    /// Whether somebody was erased and there is no proof yet that found nothing: ask for one.
    pub unproved: bool,
}

/// A request as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestForm {
    /// Code of the kind.
    pub kind: String,
    /// `case`, `volunteer` or `relay`, with the key.
    pub subject: Option<(String, i64)>,
    /// The day it came in; not to come.
    pub received_on: NaiveDate,
    /// At most 500 characters.
    pub note: String,
}

fn wrong(field: &str, problem: &str, remedy: &str) -> ServiceError {
    InputError::new("invalid_field", problem, remedy).in_field(field).into()
}

fn checked_note(note: &str) -> Result<&str, ServiceError> {
    let note = note.trim();
    if note.chars().count() > NOTE_MAX_CHARS || note.contains('\0') {
        return Err(wrong("note", "the note is longer than 500 characters", "Shorten it"));
    }
    Ok(note)
}

async fn view(store: &Store, request: RightsRequest, today: NaiveDate) -> Result<RequestView, ServiceError> {
    let subject = match (request.subject, request.erased) {
        (Some(subject), _) => Some(SubjectView {
            kind: subject.kind().to_owned(),
            id: Some(subject.key()),
            reference: store.reference_of(subject).await?,
            pseudonym: store.pseudonym(subject),
        }),
        (None, Some((kind, pseudonym))) => Some(SubjectView { kind, id: None, reference: None, pseudonym }),
        (None, None) => None,
    };
    let due_on = one_month_after(request.received_on);
    Ok(RequestView {
        id: request.id,
        kind: request.kind.code(),
        subject,
        received_on: request.received_on,
        due_on,
        days_left: days_left(due_on, request.closed.map_or(today, |(day, _)| day)),
        carried_out_at: request.carried_out_at,
        closed_on: request.closed.map(|(day, _)| day),
        outcome: request.closed.map(|(_, outcome)| outcome.code()),
        note: request.note,
        proof: request.proof.as_deref().and_then(read_proof).map(ProofView::from),
        unproved: request.unproved,
    })
}

async fn open_request(store: &Store, id: i64) -> Result<RightsRequest, ServiceError> {
    let request = store.request(id).await?.ok_or(ServiceError::NotFound("request"))?;
    if request.closed.is_some() {
        let detail = "this request is closed";
        return Err(ServiceError::refused(
            "already_closed",
            detail,
            "Note a new request down if the person writes again",
        ));
    }
    Ok(request)
}

/// Finds the records that bear all of the given values exactly, whatever the case, accents and order of the words. The
/// search stands in the trail, what was sought does not.
///
/// # Errors
/// [`ServiceError::Input`] when nothing is given.
pub async fn subjects(
    store: &Store,
    name: &str,
    phone: &str,
    address: &str,
    by: Author,
) -> Result<Vec<FoundView>, ServiceError> {
    if [name, phone, address].iter().all(|value| value.trim().is_empty()) {
        return Err(wrong("name", "there is nothing to look for", "Give a name, a phone or an address"));
    }
    let found = store.subjects(name, phone, address).await?;
    store.record(&[by.entry(Act::Search, Resource::Rights).over(found.len())]).await?;
    Ok(found
        .into_iter()
        .map(|found| FoundView {
            kind: found.subject.kind(),
            id: found.subject.key(),
            reference: found.reference,
            since_on: found.since_on,
        })
        .collect())
}

/// Every request, the open ones first.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn requests(store: &Store, by: Author) -> Result<Vec<RequestView>, ServiceError> {
    let mut views = Vec::new();
    for request in store.requests().await? {
        views.push(view(store, request, by.today()).await?);
    }
    store.record(&[by.entry(Act::List, Resource::Rights).over(views.len())]).await?;
    Ok(views)
}

/// Notes a request down; the month begins on the day it came in.
///
/// # Errors
/// [`ServiceError::Input`] names the field; [`ServiceError::NotFound`] for a record that is not there.
pub async fn create(
    store: &Store,
    form: &RequestForm,
    account: Option<i64>,
    by: Author,
) -> Result<RequestView, ServiceError> {
    let kind: RequestKind = form.kind.parse().map_err(|error: crate::domain::closed_list::NotInList| {
        InputError::new("not_in_list", error.to_string(), "Choose one of the list").in_field("kind")
    })?;
    if form.received_on > by.today() {
        return Err(wrong("received_on", "this day is still to come", "Give the day on which the request came in"));
    }
    let subject = match &form.subject {
        None => None,
        Some((kind, id)) => match Subject::named(kind, *id) {
            None | Some(Subject::Account(_)) => {
                let problem = "this is neither a case nor a volunteer nor a relay";
                return Err(wrong("subject", problem, "Choose a record that was found"));
            }
            known => known,
        },
    };
    if let Some(subject) = subject {
        store.reference_of(subject).await?.ok_or(ServiceError::NotFound("record"))?;
    }
    let note = checked_note(&form.note)?.to_owned();
    let new = NewRequest { kind, subject, received_on: form.received_on, note, created_by: account };
    let mut entry = by.entry(Act::Create, Resource::Rights).because(kind.code());
    entry.subject = subject;
    let id = store.create_request(&new, entry).await?;
    one(store, id, by).await
}

/// All that is held of the person, where it came from, who may see it and who did. That it was exported stands in the
/// trail before the first byte is out.
///
/// # Errors
/// [`ServiceError::Refused`] when the request is not for access, names nobody or was answered; [`ServiceError::NotFound`].
pub async fn export(
    store: &Store,
    id: i64,
    durations: &Durations,
    viewer: &Viewer,
) -> Result<AccessExport, ServiceError> {
    let request = open_request(store, id).await?;
    if request.kind != RequestKind::Access {
        let detail = "this request does not ask for access";
        return Err(ServiceError::refused("not_access", detail, "Note a request for access down"));
    }
    let Some(subject) = request.subject else {
        let detail = "this request names nobody's record";
        return Err(ServiceError::refused(
            "no_subject",
            detail,
            "Answer the person that nothing is held, and close it",
        ));
    };
    let (export, volunteer) = export_of(store, subject, durations, viewer).await?;
    let mut entries = vec![viewer.author().entry(Act::Export, Resource::Rights).about(subject)];
    entries.extend(volunteer.map(|named| viewer.author().entry(Act::Read, Resource::Volunteers).about(named)));
    let entries: Vec<_> = entries.into_iter().map(|entry| entry.because(format!("{REQUEST}{id}"))).collect();
    store.record(&entries).await?;
    Ok(export)
}

/// A record that the officer took out to answer a request for access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandedOverView {
    /// When.
    pub at: DateTime<Utc>,
    /// The request.
    pub request_id: i64,
    /// Reference of the record; `null` once it is erased.
    pub reference: Option<String>,
    /// Name of the account, if it exists still.
    pub by_name: Option<String>,
}

/// Every record that was taken out in the last three months, newest first, for another role than the officer's: nobody
/// reads people alone. It is read from the trail, which the officer cannot change.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn handed_over(store: &Store, by: Author) -> Result<Vec<HandedOverView>, ServiceError> {
    let filter = AuditFilter {
        from: by.at.checked_sub_months(HANDED_OVER_SHOWN),
        act: Some(Act::Export),
        resource: Some(Resource::Rights),
        ..AuditFilter::default()
    };
    let names = store.account_names().await?;
    let mut views = Vec::new();
    for row in store.audit(&filter).await? {
        let Some(request_id) = row.reason.strip_prefix(REQUEST).and_then(|id| id.parse().ok()) else { continue };
        let subject = store.request(request_id).await?.and_then(|request| request.subject);
        let reference = match subject {
            Some(subject) => store.reference_of(subject).await?,
            None => None,
        };
        views.push(HandedOverView { at: row.at, request_id, reference, by_name: name_of(&row.actor, &names) });
    }
    store.record(&[by.entry(Act::List, Resource::Rights).over(views.len()).because("handed over")]).await?;
    Ok(views)
}

/// Erases whom the request is about. After an opposition keyed hashes stay, so that a new report of the person gives a
/// warning.
///
/// # Errors
/// [`ServiceError::Refused`] when there is nothing to carry out, it was done already, or a volunteer still has cases.
pub async fn carry_out(store: &Store, id: i64, durations: &Durations, by: Author) -> Result<RequestView, ServiceError> {
    let request = open_request(store, id).await?;
    if request.carried_out_at.is_some() {
        return Err(ServiceError::refused("already_carried_out", "this was done already", "Close the request"));
    }
    let (true, Some(subject)) = (request.kind.erases(), request.subject) else {
        let detail = "there is nothing here that the program could carry out";
        return Err(ServiceError::refused("nothing_to_carry_out", detail, "Answer the person, and close the request"));
    };
    let opposes = request.kind == RequestKind::Opposition;
    let how = Erasure {
        reason: if opposes { ErasureReason::Opposition } else { ErasureReason::Erasure },
        remember_until: opposes.then(|| durations.opposition_expires(by.today())),
        request: Some(id),
    };
    erase_person(store, subject, how, by).await?;
    one(store, id, by).await
}

async fn one(store: &Store, id: i64, by: Author) -> Result<RequestView, ServiceError> {
    let request = store.request(id).await?.ok_or(ServiceError::NotFound("request"))?;
    view(store, request, by.today()).await
}

/// Looks again whether whom the request erased is gone; what was proved stays as it is.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] `not_carried_out`.
pub async fn prove_again(store: &Store, id: i64, by: Author) -> Result<RequestView, ServiceError> {
    let request = store.request(id).await?.ok_or(ServiceError::NotFound("request"))?;
    if request.carried_out_at.is_none() || !request.kind.erases() {
        return Err(ServiceError::refused("not_carried_out", "nobody was erased yet", "Carry the request out first"));
    }
    prove(store, TracesOf::Request(id), by).await?;
    one(store, id, by).await
}

/// Erases somebody and looks whether he or she is gone, now or, when that is not possible, later.
pub(super) async fn erase_person(
    store: &Store,
    subject: Subject,
    how: Erasure,
    by: Author,
) -> Result<(), ServiceError> {
    let (resource, since) = match subject {
        Subject::Case(id) => (Resource::Cases, store.case(id).await?.map(|case| case.reported_on)),
        Subject::Relay(_) => (Resource::Relays, None),
        Subject::Volunteer(_) | Subject::Account(_) => (Resource::Volunteers, None),
    };
    let entry = by.entry(Act::Erase, resource).about(subject).because(how.reason.code());
    match store.erase(subject, &how, since, entry).await? {
        Erased::Gone(traces) => {
            prove_or_later(store, traces, by).await;
            Ok(())
        }
        Erased::NotThere => Err(ServiceError::NotFound("record")),
        Erased::HasCases(count) => {
            let detail = format!("this volunteer still has {count} cases");
            Err(ServiceError::refused("still_has_cases", detail, "Give the cases to somebody else first"))
        }
    }
}

/// Closes a request with the answer that the person got.
///
/// # Errors
/// [`ServiceError::Refused`] when it is closed, or an erasure is granted that was not carried out.
pub async fn close(store: &Store, id: i64, outcome: &str, note: &str, by: Author) -> Result<RequestView, ServiceError> {
    let outcome: RequestOutcome = outcome.parse().map_err(|error: crate::domain::closed_list::NotInList| {
        InputError::new("not_in_list", error.to_string(), "Choose one of the list").in_field("outcome")
    })?;
    let note = checked_note(note)?;
    let request = open_request(store, id).await?;
    let undone = request.kind.erases() && request.subject.is_some() && request.carried_out_at.is_none();
    if outcome == RequestOutcome::Granted && undone {
        let detail = "the erasure was granted and has not been carried out";
        return Err(ServiceError::refused("not_carried_out", detail, "Carry it out first"));
    }
    let notes = [request.note.as_str(), note].iter().filter(|n| !n.is_empty()).copied().collect::<Vec<_>>().join("\n");
    let mut entry = by.entry(Act::Update, Resource::Rights).because(format!("closed: {outcome}"));
    entry.subject = request.subject;
    if !store.close_request(id, outcome, &notes, entry).await? {
        return Err(ServiceError::refused("already_closed", "this request is closed", "Reload the list"));
    }
    let request = store.request(id).await?.ok_or(ServiceError::NotFound("request"))?;
    view(store, request, by.today()).await
}
