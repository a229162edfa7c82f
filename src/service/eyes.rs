//! Seeing what somebody else sees: "Voir en tant que…".

use super::ServiceError;
use super::accounts::may_be_seen_as;
use super::sign_in::{Holder, Policy};
use super::viewer::Viewer;
use crate::domain::audit::{Act, Resource, Subject};
use crate::store::Store;

/// The viewer that the holder of an account is after typing the password, acting for the one who asks; `None` when there
/// is no such account, or one through whose eyes more would be seen than the coordination's. An emergency right belongs to
/// the session in which it was asked for: it is not borrowed. The look stands in the trail before anything is shown.
///
/// # Errors
/// [`ServiceError::Store`] when the database does not answer.
pub async fn eyes_of(
    store: &Store,
    policy: &Policy,
    asker: &Viewer,
    account: i64,
) -> Result<Option<Viewer>, ServiceError> {
    let Some(found) = store.account(account).await?.filter(may_be_seen_as) else { return Ok(None) };
    let entry = asker.author().entry(Act::ViewAs, Resource::Accounts).about(Subject::Account(account));
    store.record(&[entry]).await?;
    let holder = Holder::from(&found).viewer(policy, asker.now);
    Ok(Some(Viewer { actor: asker.actor, seen_as: true, ..holder }))
}
