//! Bugs that are planted on purpose, at the ports, so that the production code stays as it is. Each has to
//! be caught, by an invariant that it names.

use super::plan::Plan;
use super::record::Invariant;

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plant {
    /// The ledger's row is written after the post instead of before it.
    LedgerAfterPost,
    /// The ledger's row says that the post is there before it is sent.
    SentBeforePost,
    /// A post that Discord answered 5xx counts as refused: it is sent again without a look.
    BrokenIsRefused,
    /// A look at the channel finds nothing.
    BlindLook,
    /// A look takes any equal message for its own, also one that another job has claimed.
    ClaimsAny,
    /// `claim` takes every job, also one that has ended, and the trigger is not there.
    ClaimAll,
    /// No statement asks for which generation it writes.
    NoFence,
    /// Starting the same instance twice makes two.
    UnnamedInstances,
    /// A later generation does not deliver the answer that an earlier one has saved.
    AnswerNotSaved,
    /// The job is COMPLETED when its answer is saved, before it is posted.
    CompletedFirst,
    /// The watchdog never comes.
    NoWatchdog,
    /// The watchdog raises a generation that does not become the job's.
    TakeoverTakesNothing,
    /// The row that `accept` writes in `wait_until` is not written, and nobody notices.
    NoRow,
    /// The queue's messages are acknowledged before they are handled.
    ConsumerAcksFirst,
    /// The queue takes messages and loses them.
    QueueLosesAll,
    /// A dead letter's asker is not told.
    DeadLetterTellsNobody,
    /// A job that fails does not tell its asker.
    TellsNobody,
    /// "thinking…" is not removed.
    NeverClears,
    /// A webhook that is gone is not remembered to be.
    GoneForgotten,
    /// An attempt that is booked already is added to the sums again.
    BooksTwice,
    /// A question that is counted already is counted again.
    CountsTwice,
    /// A summary that is booked already is added to the sums again.
    SummaryTwice,
    /// A sentence that is a message of its own is sent without a row in the ledger.
    NoticeWithoutLedger,
    /// A message whose outcome nobody knows, where nobody can look, counts as sent.
    UnknownIsSent,
    /// Some of an answer, where nothing can be shown to the asker alone, counts as all of it.
    ChunkIsAll,
    /// A part of what is said is not stored when it begins.
    SaidNotStored,
    /// The end of a run moves a turn that has ended.
    EndedTurnMoves,
    /// A conversation does not know that it was deleted.
    DeletedComesBack,
    /// What buttons need stays where none stand below the answer after all.
    KeptForNobody,
    /// What was claimed already may be claimed again.
    ActsTwice,
    /// Whoever presses decides.
    AnybodyDecides,
    /// A reminder that is set already is set again.
    RemindsTwice,
    /// A reminder is brought, and there is no job of it.
    BringsNothing,
    /// A reminder that was taken back waits all the same.
    WithdrawnWaits,
    /// Each press has an answer written once more, also while that is done.
    RegeneratesTwice,
    /// Whoever presses may have an answer written once more.
    AnybodyRegenerates,
}

impl Plant {
    /// All of them, each with what it is called and which invariants catch it.
    pub const ALL: [(Self, &'static str, &'static [Invariant]); 36] = [
        (Self::LedgerAfterPost, "ledger-after-post", &[Invariant::Once]),
        (Self::SentBeforePost, "sent-before-post", &[Invariant::Whole]),
        (Self::BrokenIsRefused, "broken-is-refused", &[Invariant::Once]),
        (Self::BlindLook, "blind-look", &[Invariant::Once]),
        (Self::ClaimsAny, "claims-any", &[Invariant::Whole]),
        (Self::ClaimAll, "claim-all", &[Invariant::Final]),
        (Self::NoFence, "no-fence", &[Invariant::Fenced, Invariant::Once]),
        (Self::UnnamedInstances, "unnamed-instances", &[Invariant::Once]),
        (Self::AnswerNotSaved, "answer-not-saved", &[Invariant::Whole]),
        (Self::CompletedFirst, "completed-first", &[Invariant::Whole]),
        (Self::NoWatchdog, "no-watchdog", &[Invariant::Ends]),
        (Self::TakeoverTakesNothing, "takeover-takes-nothing", &[Invariant::Ends]),
        (Self::NoRow, "no-row", &[Invariant::Ends]),
        (Self::ConsumerAcksFirst, "consumer-acks-first", &[Invariant::Ends]),
        (Self::QueueLosesAll, "queue-loses-all", &[Invariant::Ends]),
        (Self::DeadLetterTellsNobody, "dead-letter-tells-nobody", &[Invariant::Told]),
        (Self::TellsNobody, "tells-nobody", &[Invariant::Told]),
        (Self::NeverClears, "never-clears", &[Invariant::Told]),
        (Self::GoneForgotten, "gone-forgotten", &[Invariant::Gone]),
        (Self::BooksTwice, "books-twice", &[Invariant::Booked]),
        (Self::CountsTwice, "counts-twice", &[Invariant::Booked]),
        (Self::SummaryTwice, "summary-twice", &[Invariant::Booked]),
        (Self::NoticeWithoutLedger, "notice-without-ledger", &[Invariant::Once]),
        (Self::UnknownIsSent, "unknown-is-sent", &[Invariant::Whole]),
        (Self::ChunkIsAll, "chunk-is-all", &[Invariant::Whole]),
        (Self::SaidNotStored, "said-not-stored", &[Invariant::Whole]),
        (Self::EndedTurnMoves, "ended-turn-moves", &[Invariant::Final]),
        (Self::DeletedComesBack, "deleted-comes-back", &[Invariant::Final]),
        (Self::KeptForNobody, "kept-for-nobody", &[Invariant::Kept]),
        (Self::ActsTwice, "acts-twice", &[Invariant::Consent]),
        (Self::AnybodyDecides, "anybody-decides", &[Invariant::Consent]),
        (Self::RemindsTwice, "reminds-twice", &[Invariant::Reminded]),
        (Self::BringsNothing, "brings-nothing", &[Invariant::Reminded]),
        (Self::WithdrawnWaits, "withdrawn-waits", &[Invariant::Reminded]),
        (Self::RegeneratesTwice, "regenerates-twice", &[Invariant::Again]),
        (Self::AnybodyRegenerates, "anybody-regenerates", &[Invariant::Again]),
    ];

    /// Returns the plant of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map(|(plant, ..)| *plant)
    }

    /// Returns whether the bug can show in a seed: a statement that is never run does no harm.
    pub const fn can_show(self, plan: &Plan) -> bool {
        let Plan { people, model, .. } = plan;
        let acts = matches!(self, Self::ActsTwice | Self::AnybodyDecides);
        let reminds = matches!(self, Self::RemindsTwice | Self::BringsNothing);
        let withdraws = matches!(self, Self::WithdrawnWaits);
        let regenerates = matches!(self, Self::RegeneratesTwice | Self::AnybodyRegenerates);
        let is_plain = matches!(self, Self::UnknownIsSent | Self::ChunkIsAll);
        let deletes = matches!(self, Self::DeletedComesBack);
        (model.acts > 0 || !acts)
            && (model.reminds > 0 || !reminds)
            && (people.withdraws > 0 || !withdraws)
            && (people.regenerates > 0 || !regenerates)
            && (people.plain > 0 || !is_plain)
            && (people.deletes > 0 && people.web > 0 || !deletes)
    }

    /// Returns what becomes of a trigger of the database; `None` if it is left out.
    pub fn trigger(plant: Option<Self>, sql: &str) -> Option<String> {
        match plant {
            Some(Self::ClaimAll) => None,
            _ => Some(sql.to_owned()),
        }
    }
}
