//! Closed lists: an enum whose members have one stable ASCII code in files, columns and JSON.
//!
//! The page turns a code into a French label; nothing else does.

/// A value that is not in a closed list. Its text does not repeat the value, for it may go into an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not one of: {allowed}")]
pub struct NotInList {
    /// What was written.
    pub value: String,
    /// The codes that would be understood, comma-separated.
    pub allowed: String,
}

/// Declares an enum with a stable code per member, `ALL`, `code()` and `FromStr`.
macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* #[doc = concat!("`", $code, "`")] $variant),+ }

        impl $name {
            /// Every member, in the list's own order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable ASCII code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::closed_list::NotInList;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                match value {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::domain::closed_list::NotInList {
                        value: value.to_owned(),
                        allowed: [$($code),+].join(", "),
                    }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use closed_list;
