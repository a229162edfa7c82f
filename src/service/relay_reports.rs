//! Reports of relays without an account: a code on the sticker, a report, a receipt, and what is told by it.
//!
//! Nothing that is answered depends on whom the report is about. Who refused before is not even looked up while a report
//! is taken in: whoever opens the case is warned then, with the day (`origin`), and no relay can find it out, neither by
//! the answer nor by the time that it takes. A report is always taken in, so that rule 1 holds of itself.
//!
//! An unknown code, a relay that has gone and a sticker that came off are one answer; so are a receipt that nobody was
//! given, one that had its time, and one of a case that was erased.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, Utc};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::informing::warning_of_opposition;
use super::intake::{Spot, checked_line, checked_notes, place, required};
use super::sign_in::Policy;
use super::study_area::{StudyArea, StudyAreas};
use super::viewer::Viewer;
use crate::domain::audit::{Act, Author, Entry, Resource, Subject};
use crate::domain::case::{Case, CaseId, ReportChannel, Sign};
use crate::domain::input::InputError;
use crate::domain::relay::{Relay, RelayId};
use crate::domain::relay_report::{Progress, RECEIPT_LIFETIME, Receipt, StickerCode, week_of};
use crate::domain::throttle::{GUESSES_IN_ALL, Quota, REPORTS_FROM_AN_ADDRESS, REPORTS_IN_ALL, REPORTS_OF_A_CODE};
use crate::store::{Counted, NewRelayReport, Person, Store, StoreError, Throttled};

/// A report as it was typed.
#[derive(Debug, Clone, Default)]
pub struct RelayReportForm {
    /// The code on the sticker.
    pub code: String,
    /// What was seen.
    pub notes: String,
    /// The address or place in words.
    pub address: String,
    /// The person's name, as far as it is known; may be empty.
    pub name: String,
    /// Who reports and how to call back; may be empty.
    pub reporter: String,
    /// Codes of the signs of danger that hold.
    pub signs: Vec<String>,
}

/// Why a report, or a question by receipt, is not answered.
#[derive(Debug, thiserror::Error)]
pub enum NotAnswered {
    /// No sticker bears this code, or no longer: nobody is told which.
    #[error("no sticker bears this code")]
    UnknownCode,
    /// Nobody was given this receipt, or it had its time: nobody is told which.
    #[error("nothing is followed under this receipt")]
    UnknownReceipt,
    /// Too often.
    #[error("too many attempts; wait before the next one")]
    TooMany {
        /// Seconds until the next attempt is looked at.
        retry_after_s: i64,
    },
    /// Something else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<StoreError> for NotAnswered {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<InputError> for NotAnswered {
    fn from(error: InputError) -> Self {
        Self::Service(error.into())
    }
}

/// What a receipt tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReceiptView {
    /// `received`, `in_progress`, `accompanied` or `closed`.
    pub progress: &'static str,
    /// Monday of the week of the last step that may be told.
    pub week_on: NaiveDate,
}

/// Where a case came from, for whoever works on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RelayReportView {
    /// Whether it came by a sticker's code; nothing else is told of one that did not.
    pub by_code: bool,
    /// Key of the relay; `null` once it was erased.
    pub relay_id: Option<i64>,
    /// Its name.
    pub relay: Option<String>,
    /// Who reported and how to call back; `null` when nothing was said or it had its time.
    pub reporter: Option<String>,
    /// The day on which somebody with this name at this address, or with this phone, refused.
    pub refused_on: Option<NaiveDate>,
}

/// A sticker's code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StickerCodeView {
    /// In two groups, as it is printed; `null` before there is one.
    pub code: Option<String>,
    /// Day on which it was made.
    pub made_on: Option<NaiveDate>,
    /// Where the public reports: the code is typed there.
    pub address: String,
    /// A QR code, as SVG, that leads there with the code; empty without one. It stands behind the `#`, which a browser sends nobody.
    pub qr_svg: String,
}

impl StickerCodeView {
    /// `origin` is where the public reaches the service, e.g. `https://bienveilleurs.example`.
    fn of(known: Option<(StickerCode, NaiveDate)>, origin: &str) -> Self {
        let address = format!("{origin}/#/signaler");
        let Some((code, made_on)) = known else {
            return Self { code: None, made_on: None, address, qr_svg: String::new() };
        };
        // It reads with a quarter of it scratched or behind a reflection; so short an address fits many times over.
        let qr = QrCode::with_error_correction_level(format!("{address}/{code}"), EcLevel::Q);
        let qr_svg = qr.map(|qr| qr.render::<svg::Color<'_>>().min_dimensions(200, 200).build()).unwrap_or_default();
        Self { code: Some(code.to_string()), made_on: Some(made_on), address, qr_svg }
    }
}

/// Takes a report in as a new case in state `reported`, and gives a receipt.
///
/// # Errors
/// [`NotAnswered`]; a field that is missing or wrong is said before the code is looked at. Nothing was written then but
/// the line of the trail that a code was wrong.
pub async fn report(
    areas: &StudyAreas,
    policy: &Policy,
    form: &RelayReportForm,
    address: Option<IpAddr>,
    by: Author,
) -> Result<Receipt, NotAnswered> {
    let store = areas.store();
    let area = areas.fresh().await?;
    let case = case_of(&area, form, by)?;
    let reporter = checked_line("reporter", &form.reporter)?;
    let code = StickerCode::typed(&form.code).ok_or_else(|| {
        InputError::new("code_typo", "a sticker's code has ten letters and digits", "Type it again").in_field("code")
    })?;
    let guess = guess_of(policy, address);
    count_guess(store, &guess, by.at).await?;
    let known = store.relay_of_code(&code).await?;
    let Some(relay) = known.filter(|id| relay_of(&area, *id).is_some_and(Relay::reports_by_code)) else {
        let entry = by.entry(Act::Create, Resource::Cases).because("unknown sticker code");
        return Err(guessed_wrong(store, policy, entry, NotAnswered::UnknownCode).await?);
    };
    store.take_attempt_back(&guess).await?;
    let from = counted_address(address).map(|address| (Counted::ReportsFrom(address), REPORTS_FROM_AN_ADDRESS));
    let mut quotas = vec![(Counted::ReportsOf(relay), REPORTS_OF_A_CODE), (Counted::Reports, REPORTS_IN_ALL)];
    quotas.extend(from);
    within(store, policy, &quotas, by.at).await?;
    let receipt = Receipt::of_bits(u128::from_le_bytes(random()?));
    let origin = NewRelayReport { relay, receipt: &receipt, reporter };
    store.insert_case_of(&case, origin, by).await?;
    Ok(receipt)
}

/// The case that a report describes, or what is wrong with the report.
fn case_of(area: &StudyArea, form: &RelayReportForm, by: Author) -> Result<Case, ServiceError> {
    let notes = checked_notes(&form.notes)?;
    if notes.is_empty() {
        return Err(required("notes", "what was seen is missing", "Say in a few words what was seen"));
    }
    let family_name = checked_line("name", &form.name)?.to_owned();
    checked_line("address", &form.address)?;
    let (address, position) = place(area, &Spot { address: form.address.clone(), ..Spot::default() })?;
    if address.is_empty() {
        return Err(required("address", "the place is missing", "Give an address, or say what it is near to"));
    }
    let mut signs = BTreeSet::new();
    for code in &form.signs {
        let sign = code.parse().ok().filter(|sign: &Sign| sign.is_danger());
        let wrong = || InputError::new("not_in_list", "this is no sign of danger", "Choose one of the list");
        signs.insert(sign.ok_or_else(|| wrong().in_field("signs"))?);
    }
    Ok(Case {
        family_name,
        address,
        position,
        signs,
        notes: notes.to_owned(),
        ..Case::reported(ReportChannel::Relais, by.today())
    })
}

fn relay_of(area: &StudyArea, id: RelayId) -> Option<&Relay> {
    let at = area.relays().binary_search_by_key(&id, |(id, _)| *id).ok()?;
    area.relays().get(at).map(|(_, relay)| relay)
}

/// What became of a report. The day of a visit is never told, nor why a case was closed.
///
/// # Errors
/// [`NotAnswered`]; that a receipt was asked for is in the trail, right or wrong.
pub async fn progress(
    store: &Store,
    policy: &Policy,
    typed: &str,
    address: Option<IpAddr>,
    by: Author,
) -> Result<ReceiptView, NotAnswered> {
    let receipt = Receipt::typed(typed).ok_or_else(|| {
        InputError::new("receipt_typo", "a digit of this receipt is wrong or missing", "Type it again")
            .in_field("receipt")
    })?;
    let guess = guess_of(policy, address);
    count_guess(store, &guess, by.at).await?;
    let since = receipts_kept_from(by.today());
    let entry = by.entry(Act::Read, Resource::Cases).because("receipt");
    let Some(known) = store.receipt_state(&receipt, since).await? else {
        return Err(guessed_wrong(store, policy, entry, NotAnswered::UnknownReceipt).await?);
    };
    store.record(&[entry.about(Subject::Case(known.case))]).await?;
    store.take_attempt_back(&guess).await?;
    let progress = Progress::of(known.state);
    let told = known.informed_on.filter(|_| progress != Progress::Received);
    let last = told.map_or(known.reported_on, |told| told.max(known.reported_on));
    Ok(ReceiptView { progress: progress.code(), week_on: week_of(last) })
}

/// Reports before this day are followed by no receipt, and who reported is forgotten.
#[must_use]
pub fn receipts_kept_from(today: NaiveDate) -> NaiveDate {
    today.checked_sub_signed(RECEIPT_LIFETIME).unwrap_or(today)
}

/// Where a case came from, and whether somebody like this refused before: the reading is in the trail.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a case.
pub async fn origin(areas: &StudyAreas, case: CaseId, viewer: &Viewer) -> Result<RelayReportView, ServiceError> {
    let store = areas.store();
    let area = areas.fresh().await?;
    let of = store.case(case).await?.ok_or(ServiceError::NotFound("case"))?;
    let Some(report) = store.relay_report(case).await? else { return Ok(RelayReportView::default()) };
    let person =
        Person { name: &format!("{} {}", of.given_name, of.family_name), address: &of.address, phone: &of.phone };
    let refused_on = warning_of_opposition(store, person, viewer.author().today()).await?;
    let why = match viewer.why() {
        why if why.is_empty() => "relay's report".to_owned(),
        why => format!("relay's report, {why}"),
    };
    let entry = viewer.author().entry(Act::Read, Resource::Cases).about(Subject::Case(case));
    store.record(&[entry.because(why)]).await?;
    Ok(RelayReportView {
        by_code: true,
        relay_id: report.relay.map(|id| id.0),
        relay: report.relay.and_then(|id| relay_of(&area, id)).map(|relay| relay.name.clone()),
        reporter: report.reporter.filter(|reporter| !reporter.is_empty()),
        refused_on,
    })
}

/// A relay's code, to print its sticker.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a relay; [`ServiceError::Refused`] `no_sticker` when it may have no code.
pub async fn sticker_code(
    areas: &StudyAreas,
    relay: RelayId,
    origin: &str,
    by: Author,
) -> Result<StickerCodeView, ServiceError> {
    let area = areas.fresh().await?;
    may_have_a_code(&area, relay)?;
    let known = areas.store().sticker_code(relay).await?;
    if known.is_some() {
        let entry = by.entry(Act::Read, Resource::Relays).about(Subject::Relay(relay));
        areas.store().record(&[entry.because("sticker code")]).await?;
    }
    Ok(StickerCodeView::of(known, origin))
}

/// Makes a code for a relay; from then on a former one is unknown.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a relay; [`ServiceError::Refused`] `no_sticker` when it may have none.
pub async fn renew_sticker_code(
    areas: &StudyAreas,
    relay: RelayId,
    origin: &str,
    by: Author,
) -> Result<StickerCodeView, ServiceError> {
    let area = areas.fresh().await?;
    may_have_a_code(&area, relay)?;
    let code = new_code(areas.store(), relay, by).await?.ok_or(ServiceError::NotFound("relay"))?;
    Ok(StickerCodeView::of(Some((code, by.today())), origin))
}

fn may_have_a_code(area: &StudyArea, relay: RelayId) -> Result<(), ServiceError> {
    let known = relay_of(area, relay).ok_or(ServiceError::NotFound("relay"))?;
    if known.reports_by_code() {
        return Ok(());
    }
    let detail = "Ce relais n’a pas d’autocollant, ou c’est un particulier";
    Err(ServiceError::refused("no_sticker", detail, "Notez d’abord que l’autocollant est accepté"))
}

/// Draws a code and keeps it; `None` when the relay has gone.
async fn new_code(store: &Store, relay: RelayId, by: Author) -> Result<Option<StickerCode>, ServiceError> {
    let code = StickerCode::of_bits(u64::from_le_bytes(random()?));
    let entry = by.entry(Act::Update, Resource::Relays).about(Subject::Relay(relay)).because("new sticker code");
    let there = store.set_sticker_code(relay, &code, entry).await?;
    Ok(there.then_some(code))
}

/// Makes a code for each relay that may have one and has none, and answers every code with the relay's name, in the order
/// of the relays: for the demonstration.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn codes_of_all(store: &Store, by: Author) -> Result<Vec<(String, String)>, ServiceError> {
    let mut codes = Vec::new();
    for (id, relay) in store.relays().await?.into_iter().filter(|(_, relay)| relay.reports_by_code()) {
        let known = store.sticker_code(id).await?.map(|(code, _)| code.to_string());
        let code = match known {
            Some(code) => Some(code),
            None => new_code(store, id, by).await?.map(|code| code.to_string()),
        };
        codes.extend(code.map(|code| (code, relay.name)));
    }
    Ok(codes)
}

/// Gives cases of the demonstration that came by a relay the report that they came by, and answers their receipts. Cases
/// that have one keep it, and no receipt of it is known any more.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn demonstrate(store: &Store, by: Author) -> Result<Vec<Receipt>, ServiceError> {
    const REPORTERS: [&str; 2] = ["La personne au comptoir, 02 00 00 00 00, avant midi", ""];
    let relays = store.relays().await?.into_iter().filter(|(_, relay)| relay.reports_by_code());
    let cases = store.cases().await?.into_iter().filter(|(_, case)| case.channel == ReportChannel::Relais);
    let since = receipts_kept_from(by.today());
    let recent = cases.filter(|(_, case)| case.state.waits_for_a_volunteer() && case.reported_on >= since);
    let mut receipts = Vec::new();
    for (((case, _), (relay, _)), reporter) in recent.zip(relays).zip(REPORTERS) {
        let receipt = Receipt::of_bits(u128::from_le_bytes(random()?));
        let report = NewRelayReport { relay, receipt: &receipt, reporter };
        if store.add_relay_report(case, report, by).await? {
            receipts.push(receipt);
        }
    }
    Ok(receipts)
}

// ---- guesses and quotas

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::NoRandomness)?;
    Ok(bytes)
}

/// A proxy on this machine stands for everybody behind it: it is not counted.
fn counted_address(address: Option<IpAddr>) -> Option<IpAddr> {
    address.filter(|address| !address.to_canonical().is_loopback())
}

fn guess_of(policy: &Policy, address: Option<IpAddr>) -> Vec<Throttled<'static>> {
    counted_address(address).filter(|_| policy.throttle).map(Throttled::Guesses).into_iter().collect()
}

fn too_many(until: DateTime<Utc>, now: DateTime<Utc>) -> NotAnswered {
    NotAnswered::TooMany { retry_after_s: ((until - now).num_milliseconds() + 999) / 1000 }
}

/// Counts an attempt as wrong before it is looked at.
async fn count_guess(store: &Store, guess: &[Throttled<'_>], now: DateTime<Utc>) -> Result<(), NotAnswered> {
    match store.count_attempt(guess, now).await? {
        None => Ok(()),
        Some(until) => Err(too_many(until, now)),
    }
}

async fn within(
    store: &Store,
    policy: &Policy,
    quotas: &[(Counted, Quota)],
    now: DateTime<Utc>,
) -> Result<(), NotAnswered> {
    if !policy.throttle {
        return Ok(());
    }
    match store.count_within(quotas, now).await? {
        None => Ok(()),
        Some(until) => Err(too_many(until, now)),
    }
}

/// The refusal of a wrong code or receipt, which stands in the trail: nobody fills it up with more of them than fit.
async fn guessed_wrong(
    store: &Store,
    policy: &Policy,
    entry: Entry,
    refusal: NotAnswered,
) -> Result<NotAnswered, NotAnswered> {
    within(store, policy, &[(Counted::Guesses, GUESSES_IN_ALL)], entry.author.at).await?;
    store.record(&[entry.refused()]).await?;
    Ok(refusal)
}
