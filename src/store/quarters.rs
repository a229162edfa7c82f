//! Quarters. Their borders are kept as well-known text (OGC 06-103r4, 7.2.6), which gives every bit of a number back.

use std::fmt::Write as _;

use chrono::NaiveDate;

use crate::domain::position::LonLat;
use crate::domain::quarter::{Quarter, Ring};

use super::changes::note_changes;
use super::dialect::BeginWrite;
use super::lists;
use super::upsert::CHUNK;
use super::{Store, StoreError};

const SELECT: &str = "select id, name, precision, source, licence, drawn_on, polygons from quarters";
const INSERT: &str = "insert into quarters (id, name, precision, source, licence, drawn_on, polygons) ";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    precision: String,
    source: String,
    licence: String,
    drawn_on: Option<NaiveDate>,
    polygons: String,
}

fn value(row: Row) -> Result<Quarter, StoreError> {
    let polygons = from_wkt(&row.polygons);
    Ok(Quarter {
        precision: lists::code(&row.precision, "quarters.precision")?,
        polygons: polygons.ok_or_else(|| StoreError::corrupt(format!("the border of quarter {}", row.id)))?,
        id: row.id,
        name: row.name,
        source: row.source,
        licence: row.licence,
        drawn_on: row.drawn_on,
    })
}

/// `MULTIPOLYGON(((lon lat,…),(hole…)),((…)))`.
fn to_wkt(polygons: &[Vec<Ring>]) -> String {
    let mut text = String::from("MULTIPOLYGON(");
    for (i, rings) in polygons.iter().enumerate() {
        text.push_str(if i == 0 { "(" } else { ",(" });
        for (j, ring) in rings.iter().enumerate() {
            text.push_str(if j == 0 { "(" } else { ",(" });
            for (k, p) in ring.iter().enumerate() {
                let comma = if k == 0 { "" } else { "," };
                write!(text, "{comma}{} {}", p.lon(), p.lat()).expect("a String takes what is written");
            }
            text.push(')');
        }
        text.push(')');
    }
    text.push(')');
    text
}

/// Reads what [`to_wkt`] wrote; `None` for anything else.
fn from_wkt(text: &str) -> Option<Vec<Vec<Ring>>> {
    let inner = text.strip_prefix("MULTIPOLYGON(")?.strip_suffix(')')?;
    if inner.is_empty() {
        return Some(Vec::new());
    }
    inner.strip_prefix("((")?.strip_suffix("))")?.split(")),((").map(polygon).collect()
}

fn polygon(text: &str) -> Option<Vec<Ring>> {
    text.split("),(").map(|ring| ring.split(',').map(position).collect()).collect()
}

fn position(text: &str) -> Option<LonLat> {
    let (lon, lat) = text.split_once(' ')?;
    LonLat::try_new(lon.parse().ok()?, lat.parse().ok()?).ok()
}

impl Store {
    /// Every quarter, by ascending id.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or holds a value that cannot be read.
    pub async fn quarters(&self) -> Result<Vec<Quarter>, StoreError> {
        let rows: Vec<Row> = on_pool!(self, pool => sqlx::query_as(SELECT).fetch_all(pool).await?);
        let mut quarters = rows.into_iter().map(value).collect::<Result<Vec<_>, _>>()?;
        // Not `order by`: a database orders texts by its own language, and the index of a quarter must not depend on it.
        quarters.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(quarters)
    }

    /// Puts these quarters in the place of all others, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an id stands twice in `quarters`; nothing is replaced then.
    pub async fn replace_quarters(&self, quarters: &[Quarter]) -> Result<(), StoreError> {
        on_pool!(self, pool => {
            let mut tx = pool.begin_write().await?;
            sqlx::query("delete from quarters").execute(&mut *tx).await?;
            for chunk in quarters.chunks(CHUNK) {
                let mut query = sqlx::QueryBuilder::new(INSERT);
                query.push_values(chunk, |mut bind, quarter| {
                    bind.push_bind(quarter.id.clone())
                        .push_bind(quarter.name.clone())
                        .push_bind(quarter.precision.code())
                        .push_bind(quarter.source.clone())
                        .push_bind(quarter.licence.clone())
                        .push_bind(quarter.drawn_on)
                        .push_bind(to_wkt(&quarter.polygons));
                });
                query.build().execute(&mut *tx).await?;
            }
            note_changes!(tx, "quarters", [0]);
            tx.commit().await?;
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring() -> impl Strategy<Value = Ring> {
        let position = (-180.0..=180.0f64, -90.0..=90.0f64).prop_map(|(x, y)| LonLat::try_new(x, y).expect("in range"));
        prop::collection::vec(position, 4..9)
    }

    proptest! {
        #[test]
        fn a_border_comes_back_to_the_last_bit(
            polygons in prop::collection::vec(prop::collection::vec(ring(), 1..3), 0..3)
        ) {
            prop_assert_eq!(from_wkt(&to_wkt(&polygons)), Some(polygons));
        }
    }

    #[test]
    fn what_is_no_border_is_not_read() {
        for text in ["", "POINT(1 2)", "MULTIPOLYGON(((1)))", "MULTIPOLYGON(((1 NaN)))", "MULTIPOLYGON(((1 2))"] {
            assert_eq!(from_wkt(text), None, "{text}");
        }
    }
}
