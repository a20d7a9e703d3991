//! The sentences that may be told to whoever asked, as names.

use serde::{Deserialize, Serialize};

/// Which sentence the asker reads; the sentences are in [`crate::i18n`].
///
/// # Shape
/// A stored format: `try-again`, `too-long`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// Something broke; asking again may work.
    TryAgain,
    /// The model is overloaded or rate limited right now.
    Busy,
    /// The daily allowance of the model is used up.
    Quota,
    /// The question (with its context) does not fit the model.
    TooLong,
    /// The operator has to repair the configuration.
    Misconfigured,
    /// The platform (a moderation rule, a lock, a missing permission) does not take the post.
    Blocked,
    /// Questions are not answered where the asker asks.
    NotHere,
    /// The asker has too many questions at a time.
    Crowded,
    /// The server has too many questions at a time.
    ServerCrowded,
    /// The answer took too long.
    Late,
    /// The model's vendor does not allow the question or its answer.
    Refused,
    /// The asker's budget has too little left.
    AskerBudget,
    /// The server's budget has too little left.
    ServerBudget,
    /// The budget of all questions of a day has too little left.
    DayBudget,
    /// What is left of a budget is set aside for questions that are being answered.
    BudgetHeld,
    /// The asker wanted no answer any more.
    Cancelled,
    /// The server's settings name other channels.
    NotInChannel,
    /// The server's settings do not allow the model.
    NotThisModel,
    /// The asker has asked as often as the server's settings allow in a day.
    DayLimit,
    /// Nothing is drawn here: the operator or the server has switched it off.
    NoDrawing,
}

impl Notice {
    /// Every notice.
    pub const ALL: [Self; 20] = [
        Self::TryAgain,
        Self::Busy,
        Self::Quota,
        Self::TooLong,
        Self::Misconfigured,
        Self::Blocked,
        Self::NotHere,
        Self::Crowded,
        Self::ServerCrowded,
        Self::Late,
        Self::Refused,
        Self::AskerBudget,
        Self::ServerBudget,
        Self::DayBudget,
        Self::BudgetHeld,
        Self::Cancelled,
        Self::NotInChannel,
        Self::NotThisModel,
        Self::DayLimit,
        Self::NoDrawing,
    ];
}
