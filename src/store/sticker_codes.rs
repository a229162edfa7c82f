//! The codes on relays' stickers: sought by keyed hash, sealed to be printed again.

use chrono::NaiveDate;

use super::audit::append_audit;
use super::dialect::BeginWrite;
use super::seal::keyed_hash;
use super::{Store, StoreError};
use crate::domain::audit::Entry;
use crate::domain::relay::RelayId;
use crate::domain::relay_report::StickerCode;

const SELECT: &str = "select code, made_on from sticker_codes where id = $1";
const RELAY_OF: &str = "select id from sticker_codes where digest = $1";
const THERE: &str = "select count(*) from relays where id = $1";
const UPSERT: &str = "insert into sticker_codes (id, digest, code, made_on) values ($1, $2, $3, $4) \
    on conflict (id) do update set digest = excluded.digest, code = excluded.code, made_on = excluded.made_on";

impl Store {
    /// The keyed hash of what whoever reports has in hand: the database's own secret outlives the rotation of the key file.
    pub(super) fn report_digest(&self, kind: &str, value: &str) -> Vec<u8> {
        keyed_hash(&self.secrets.pseudonym, &[b"relay report", kind.as_bytes(), value.as_bytes()]).to_vec()
    }

    /// A relay's code and the day on which it was made.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or the code does not open.
    pub async fn sticker_code(&self, relay: RelayId) -> Result<Option<(StickerCode, NaiveDate)>, StoreError> {
        let row: Option<(Vec<u8>, NaiveDate)> =
            on_pool!(self, pool => sqlx::query_as(SELECT).bind(relay.0).fetch_optional(pool).await?);
        let Some((sealed, made_on)) = row else { return Ok(None) };
        let text = self.sealed_row("sticker_codes", relay.0).open("code", &sealed)?;
        let code = StickerCode::typed(&text).ok_or_else(|| StoreError::corrupt("sticker_codes.code"))?;
        Ok(Some((code, made_on)))
    }

    /// Gives a relay this code; the former one is no longer known. Answers whether the relay is there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_sticker_code(&self, relay: RelayId, code: &StickerCode, entry: Entry) -> Result<bool, StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            if sqlx::query_scalar::<_, i64>(THERE).bind(relay.0).fetch_one(&mut *tx).await? == 0 {
                return Ok(false);
            }
            sqlx::query(UPSERT)
                .bind(relay.0)
                .bind(self.report_digest("code", code.as_str()))
                .bind(self.sealed_row("sticker_codes", relay.0).seal("code", code.as_str())?)
                .bind(entry.author.today())
                .execute(&mut *tx)
                .await?;
            append_audit!(tx, self, &[entry]);
            tx.commit().await?;
            Ok(true)
        })
    }

    /// Whose code this is.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn relay_of_code(&self, code: &StickerCode) -> Result<Option<RelayId>, StoreError> {
        let digest = self.report_digest("code", code.as_str());
        let id: Option<i64> =
            on_pool!(self, pool => sqlx::query_scalar(RELAY_OF).bind(digest).fetch_optional(pool).await?);
        Ok(id.map(RelayId))
    }
}
