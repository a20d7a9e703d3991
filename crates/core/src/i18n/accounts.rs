//! Words of accounts that are linked to each other.

use super::{Language, Sentence};

/// Who wants what of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Account from which it is wanted.
    pub account: String,
    /// Who that is: the account itself, if it is linked to nobody.
    pub person: String,
    /// What is wanted.
    pub wish: Wish,
    /// Language of the reply.
    pub language: Language,
}

/// What somebody wants of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To be one person with the account that has made a code.
    Link {
        /// The code, as it was typed.
        code: String,
    },
    /// To be a person of its own again.
    TakeBack,
}

const fn pair(english: &'static str, japanese: &'static str) -> Sentence {
    Sentence { english, japanese }
}

/// Reply to a good code.
pub const LINKED: Sentence = pair(
    "From now on this account and the one that made the code are one person: what I remember, reminders, what you have \
     used, and your conversations on my web page. `/link off` takes it back: do so at once if somebody else gave you the \
     code, for they are you now.",
    "これで、このアカウントとコードを作ったアカウントは同じ人になりました。覚えたこと、リマインダー、使った量、Web ページの会話は共通です。\
     `/link off` で解除できます。ほかの人からもらったコードなら、その人があなたとして扱われるので、すぐに解除してください。",
);
/// Reply to any other.
pub const NO_CODE: Sentence = pair(
    "This is no code, or not any more. Have your other account make another one.",
    "このコードは使えません。もう一方のアカウントで新しいコードを作ってください。",
);
/// Reply to who is linked.
pub const ALREADY: Sentence = pair(
    "This account is linked already. `/link off` takes that back.",
    "このアカウントはもう連携しています。`/link off` で解除できます。",
);
/// Reply to who has had everything deleted.
pub const ERASING: Sentence = pair(
    "What one of these accounts had is still being deleted. Link them tomorrow, with another code.",
    "どちらかのアカウントのデータを削除しているところです。明日、新しいコードで連携してください。",
);
/// Reply to who takes it back.
pub const NOT_ANY_MORE: Sentence = pair(
    "It is taken back: what is asked from now on is each account's own. What I remember and the reminders stay with the \
     other account. Browsers that are signed in stay so until you sign out there.",
    "解除しました。これからは、それぞれのアカウントが別々になります。覚えたこととリマインダーはもう一方のアカウントに残ります。\
     サインイン済みのブラウザーは、そこでサインアウトするまでそのままです。",
);
/// Reply to who has nothing to take back.
pub const NOT_AT_ALL: Sentence = pair(
    "This account is linked to no other.",
    "このアカウントはどのアカウントとも連携していません。",
);
