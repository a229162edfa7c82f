//! Breaking the glass: in an emergency somebody sees a case that is not theirs, for half an hour, with a reason, and the
//! data protection officer is told.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ServiceError;
use super::viewer::Viewer;
use crate::domain::audit::{Act, Author, Resource};
use crate::domain::input::InputError;
use crate::store::Store;

/// How long the right lasts.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);
/// Fewest and most characters of a reason.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 10..=500;

/// What the officer must be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoticeView {
    /// Its key.
    pub id: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// `break_glass`.
    pub kind: String,
    /// The reason that was given.
    pub detail: String,
    /// Whose doing.
    pub account_id: Option<i64>,
    /// That account's name.
    pub account_name: Option<String>,
    /// When the officer noted it.
    pub seen_at: Option<DateTime<Utc>>,
}

/// Gives the viewer's session the emergency right, and answers until when.
///
/// # Errors
/// [`ServiceError::Input`] for a reason that says nothing.
pub async fn break_glass(store: &Store, viewer: &Viewer, reason: &str) -> Result<DateTime<Utc>, ServiceError> {
    let reason = reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        let problem = "the reason is not between 10 and 500 characters long";
        return Err(InputError::new("invalid_field", problem, "Say why, in a sentence").in_field("reason").into());
    }
    let (account, session) = viewer.account.zip(viewer.session).ok_or(ServiceError::NotFound("session"))?;
    let until = viewer.now + LIFETIME;
    let given = store.break_glass(account, session, reason, until, viewer.author()).await?;
    if given { Ok(until) } else { Err(ServiceError::NotFound("session")) }
}

/// Every notice, newest first.
///
/// # Errors
/// [`ServiceError`] when the database does not answer.
pub async fn notices(store: &Store, by: Author) -> Result<Vec<NoticeView>, ServiceError> {
    let notices = store.notices().await?;
    let accounts = store.accounts().await?;
    store.record(&[by.entry(Act::List, Resource::Notices).over(notices.len())]).await?;
    let name = |id: Option<i64>| accounts.iter().find(|account| Some(account.id) == id).map(|a| a.name.clone());
    Ok(notices
        .into_iter()
        .map(|notice| NoticeView {
            id: notice.id,
            at: notice.at,
            kind: notice.kind,
            detail: notice.detail,
            account_name: name(notice.account),
            account_id: notice.account,
            seen_at: notice.seen_at,
        })
        .collect())
}

/// Notes that the officer has seen a notice.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn note_seen(store: &Store, id: i64, by: Author) -> Result<(), ServiceError> {
    let noted = store.note_notice_seen(id, by).await?;
    if noted { Ok(()) } else { Err(ServiceError::NotFound("notice")) }
}
