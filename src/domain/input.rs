//! What is said of bad input: where, what is wrong, what to do.

use std::fmt;

/// One thing wrong in a file or a form. It may quote the value: show it to the person who gave the input, never log it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputError {
    /// Stable code in `snake_case`, e.g. `not_in_list`.
    pub code: &'static str,
    /// 1-based line of the file.
    pub line: Option<u64>,
    /// Column, tag, feature or form field.
    pub field: Option<String>,
    /// What was written there, at most 80 characters of it.
    pub value: Option<String>,
    /// What is wrong, in one sentence without a final full stop.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl InputError {
    /// A new error without a place; add one with the `at_*` and `with_*` methods.
    pub fn new(code: &'static str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, problem: problem.into(), remedy: remedy.into(), ..Self::default() }
    }

    /// Names the 1-based line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Names the column, feature or form field.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Quotes the value, cut to 80 characters.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        self.value = Some(value.chars().take(80).collect());
        self
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{}", self.problem)?;
        if let Some(value) = &self.value {
            write!(f, " (`{value}`)")?;
        }
        write!(f, ". {}", self.remedy)
    }
}

impl std::error::Error for InputError {}
