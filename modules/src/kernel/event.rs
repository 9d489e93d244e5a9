//! Events: what happened, for indexers, explorers and wallets. Names follow Cosmos SDK 0.50.

/// One event. Attribute keys are never empty (clients break on empty ones).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The event's type, such as `transfer`.
    pub kind: &'static str,
    /// Keys and values in the order they were added.
    pub attributes: Vec<(&'static str, String)>,
}

impl Event {
    /// An event without attributes.
    pub const fn new(kind: &'static str) -> Self {
        Self { kind, attributes: Vec::new() }
    }

    /// The same event with one more attribute.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.attributes.push((key, value.to_string()));
        self
    }
}
