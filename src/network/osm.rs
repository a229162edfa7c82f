//! OpenStreetMap elements as plain values: what a reader hands to [`super::build::Collector`].

use crate::domain::position::LonLat;

/// The tags of one element. An element has few: a linear search beats a map.
#[derive(Debug, Clone, Default)]
pub struct Tags<'a>(pub Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    /// The value of a key.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }

    /// Whether a key has this value.
    #[must_use]
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.value(key) == Some(value)
    }

    /// Whether a key has one of these values.
    #[must_use]
    pub fn has_any(&self, key: &str, values: &[&str]) -> bool {
        self.value(key).is_some_and(|v| values.contains(&v))
    }
}

/// One element, borrowed from the reader's buffer.
#[derive(Debug)]
pub enum Element<'a> {
    /// A point.
    Node {
        /// OSM id; negative in unsaved editor files.
        id: i64,
        /// Where it lies.
        position: LonLat,
        /// Its tags.
        tags: Tags<'a>,
    },
    /// A polyline through nodes.
    Way {
        /// OSM id.
        id: i64,
        /// Node ids in order.
        refs: &'a [i64],
        /// Its tags.
        tags: Tags<'a>,
    },
    /// A relation, of which only member ways matter here.
    Relation {
        /// Ids of member ways.
        ways: &'a [i64],
        /// Its tags.
        tags: Tags<'a>,
    },
}
