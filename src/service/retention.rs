//! Retention as four steps: a list of who would go, a second person's signature, the purge, and the proof of it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::proving::{ProofView, prove, prove_or_later};
use crate::domain::audit::{Act, Author, Resource};
use crate::domain::retention::Durations;
use crate::format::proof::read_proof;
use crate::store::{Purged, RetentionRun, SignedOff, Store, TracesOf};

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunView {
    /// Key.
    pub id: i64,
    /// When it was prepared.
    pub made_at: DateTime<Utc>,
    /// By whom, if the account exists still.
    pub made_by_name: Option<String>,
    /// Cases whose last contact is on this day or before it.
    pub cutoff_on: NaiveDate,
    /// How many were listed.
    pub cases: i64,
    /// When it was signed off.
    pub signed_at: Option<DateTime<Utc>>,
    /// By whom.
    pub signed_by_name: Option<String>,
    /// When it was carried out.
    pub purged_at: Option<DateTime<Utc>>,
    /// The proof.
    pub proof: Option<ProofView>,
    /// Whether it was carried out and there is no proof yet that found nothing: ask for one.
    pub unproved: bool,
}

/// Every run, and the duration in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunsView {
    /// A case goes this many years after the last contact.
    pub years: u32,
    /// The newest first.
    pub runs: Vec<RunView>,
}

/// A case on a run's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunItemView {
    /// Key.
    pub case_id: i64,
    /// Its reference; `null` when it went by another way meanwhile.
    pub reference: Option<String>,
    /// Day of the last contact.
    pub last_on: NaiveDate,
}

/// A run with its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunDetailView {
    /// The run.
    #[serde(flatten)]
    pub run: RunView,
    /// Who would go; empty once they have gone.
    pub items: Vec<RunItemView>,
    /// References of cases whose time has come although somebody still visits: they are never purged. A person looks at
    /// them first, for their dates are probably wrong.
    pub still_followed: Vec<String>,
}

async fn views(store: &Store, runs: Vec<RetentionRun>) -> Result<Vec<RunView>, ServiceError> {
    let names = store.account_names().await?;
    let name = |account: Option<i64>| account.and_then(|account| names.get(&account).cloned());
    Ok(runs
        .into_iter()
        .map(|run| RunView {
            id: run.id,
            made_at: run.made_at,
            made_by_name: name(run.made_by),
            cutoff_on: run.cutoff_on,
            cases: run.cases,
            signed_at: run.signed_at,
            signed_by_name: name(run.signed_by),
            purged_at: run.purged_at,
            proof: run.proof.as_deref().and_then(read_proof).map(ProofView::from),
            unproved: run.unproved > 0,
        })
        .collect())
}

async fn one(store: &Store, id: i64) -> Result<RunView, ServiceError> {
    let run = store.retention_run(id).await?.ok_or(ServiceError::NotFound("run"))?;
    views(store, vec![run]).await?.pop().ok_or(ServiceError::NotFound("run"))
}

/// Every run.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn runs(store: &Store, durations: &Durations, by: Author) -> Result<RunsView, ServiceError> {
    let runs = views(store, store.retention_runs().await?).await?;
    store.record(&[by.entry(Act::List, Resource::Retention).over(runs.len())]).await?;
    Ok(RunsView { years: durations.years, runs })
}

/// A run with its list.
///
/// # Errors
/// [`ServiceError::NotFound`] without such a run.
pub async fn run(store: &Store, id: i64, by: Author) -> Result<RunDetailView, ServiceError> {
    let run = one(store, id).await?;
    let items = store.retention_items(id).await?;
    let still_followed = store.still_followed(run.cutoff_on).await?;
    store.record(&[by.entry(Act::Read, Resource::Retention).over(items.len()).because(format!("run {id}"))]).await?;
    let item = |item: crate::store::RetentionItem| RunItemView {
        case_id: item.case_id,
        reference: item.reference,
        last_on: item.last_on,
    };
    Ok(RunDetailView { run, items: items.into_iter().map(item).collect(), still_followed })
}

/// Lists who would go today. Nobody goes yet.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn prepare(
    store: &Store,
    durations: &Durations,
    account: Option<i64>,
    by: Author,
) -> Result<RunView, ServiceError> {
    let id = store.prepare_purge(durations.cutoff(by.today()), account, by).await?;
    one(store, id).await
}

/// Signs a run off; the one who prepared it may not.
///
/// # Errors
/// [`ServiceError::Refused`] `same_person` or `already_signed`; [`ServiceError::NotFound`].
pub async fn sign_off(store: &Store, id: i64, account: i64, by: Author) -> Result<RunView, ServiceError> {
    match store.sign_off(id, account, by).await? {
        SignedOff::Done => one(store, id).await,
        SignedOff::NotThere => Err(ServiceError::NotFound("run")),
        SignedOff::Already => {
            Err(ServiceError::refused("already_signed", "this list has been signed off already", "Carry it out"))
        }
        SignedOff::SamePerson => {
            let detail = "the one who prepared a purge does not sign it off";
            Err(ServiceError::refused("same_person", detail, "Ask a second person to read the list and to sign"))
        }
    }
}

/// Erases who is on a signed list, and looks whether they are gone.
///
/// # Errors
/// [`ServiceError::Refused`] `not_signed` or `already_purged`; [`ServiceError::NotFound`].
pub async fn purge(store: &Store, id: i64, by: Author) -> Result<RunView, ServiceError> {
    match store.purge(id, by).await? {
        Purged::Done { traces } => prove_or_later(store, traces, by).await,
        Purged::NotThere => return Err(ServiceError::NotFound("run")),
        Purged::NotSigned => {
            let detail = "nobody has signed this list off";
            return Err(ServiceError::refused("not_signed", detail, "A second person reads the list and signs first"));
        }
        Purged::Already => {
            return Err(ServiceError::refused(
                "already_purged",
                "this purge was carried out already",
                "Read its proof, or ask for another one",
            ));
        }
    }
    one(store, id).await
}

/// Looks again whether the purged are gone; a purge that was proved stays as it is.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] `not_purged`.
pub async fn prove_again(store: &Store, id: i64, by: Author) -> Result<RunView, ServiceError> {
    if one(store, id).await?.purged_at.is_none() {
        return Err(ServiceError::refused("not_purged", "nobody was purged yet", "Carry the purge out first"));
    }
    prove(store, TracesOf::Run(id), by).await?;
    one(store, id).await
}
