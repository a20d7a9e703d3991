//! What is replied in words to each command that people type in a messenger.

use super::Messenger;
use crate::routes::help_of;
use crate::routes::settle::object_name;
use miyabi_app::memory::command;
use miyabi_app::{accounts, conversations, key_command, reminders, status, usage};
use miyabi_channels::commands::Command;
use miyabi_core::i18n::accounts::{Inquiry as AccountInquiry, Wish as AccountWish};
use miyabi_core::i18n::memory::Wish as MemoryWish;
use miyabi_core::i18n::privacy::Wish as PrivacyWish;
use miyabi_core::i18n::{chats, keys, privacy, status as statuses, typed, usage as usages};
use miyabi_core::ids::Millis;
use miyabi_core::ports::Host;
use miyabi_core::question::Question;

impl<H: Host + Clone + 'static> Messenger<'_, H> {
    /// Returns the reply to a command. What is somebody's own is told in front of nobody: `is_shared` says whether others
    /// would read it.
    ///
    /// # Repeats
    /// As what the command does.
    pub(crate) async fn words(
        &self,
        command: Command,
        question: Question,
        is_shared: bool,
    ) -> String {
        let language = question.language;
        let is_of_all =
            matches!(command, Command::Ask | Command::New | Command::Help | Command::Cancel);
        if is_shared && !is_of_all {
            if command == Command::Link {
                // Others may have read the code.
                let _void = accounts::void(self.host, &question.text).await;
            }
            return chats::IN_PRIVATE.in_language(language).to_owned();
        }
        let asker = question.asker.id.clone();
        let Self { host, settings, transport, origin, way } = self;
        match command {
            Command::Ask | Command::New => chats::ASK_SOMETHING.in_language(language).to_owned(),
            Command::Help => {
                let server = question.server.as_deref();
                help_of(*host, settings, transport, (*way, language), server).await
            }
            Command::Status | Command::Cancel => {
                let cancels = command == Command::Cancel;
                let reminder = if cancels { self.reminder(&question).await } else { None };
                let inquiry = statuses::Inquiry { asker, cancels, reminder, language };
                status::reply(*host, transport, &inquiry).await
            }
            Command::Usage => {
                let inquiry = usages::Inquiry { asker, server: None, language };
                usage::report(*host, transport, &settings.budgets, &inquiry).await
            }
            Command::Memory => match wish_of(&question.text) {
                Some(wish) => {
                    let told = command::reply(*host, transport, settings, question, wish).await;
                    told.unwrap_or_default()
                }
                None => typed(chats::MEMORY_USAGE.in_language(language), transport),
            },
            Command::Link if !question.text.trim().is_empty() => {
                accounts::reply(*host, transport, &wish_of_account(question)).await
            }
            Command::Link => {
                let (server, is_manager, wish) = (None, false, keys::Wish::Link);
                let inquiry = keys::Inquiry { owner: asker, server, is_manager, wish, language };
                key_command::reply(*host, transport, &inquiry, origin).await
            }
            Command::Privacy => self.privacy(&question).await,
        }
    }

    /// Returns the reminder of `/cancel 2`, the second one that `/status` lists.
    async fn reminder(&self, question: &Question) -> Option<String> {
        let nth = question.text.parse::<usize>().ok()?.checked_sub(1)?;
        let waiting = reminders::waiting(self.host, &question.asker.id).await.ok()?;
        waiting.into_iter().nth(nth).map(|it| it.id)
    }

    async fn privacy(&self, question: &Question) -> String {
        let (language, person) = (question.language, question.asker.id.clone());
        let wish = privacy_wish(&question.text, question.asked);
        let inquiry = privacy::Inquiry { person, language, wish };
        let kept = match miyabi_app::privacy::look(self.host, object_name, &inquiry).await {
            Ok(kept) => kept,
            Err(words) => return words.to_owned(),
        };
        let (text, hint) = match wish {
            PrivacyWish::AskToErase => (privacy::sure(language).to_owned(), chats::PRIVACY_CONFIRM),
            PrivacyWish::Show | PrivacyWish::Quote(_) | PrivacyWish::Erase(_) => {
                (privacy::list(&kept, language, &self.transport, false), chats::PRIVACY_USAGE)
            }
        };
        [&text, "\n\n", &typed(hint.in_language(language), &self.transport)].concat()
    }
}

/// Reads what stands behind `/privacy`; anything else shows what is kept.
fn privacy_wish(words: &str, asked: Millis) -> PrivacyWish {
    let words = words.to_lowercase();
    match words.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["delete"] => PrivacyWish::AskToErase,
        // What there was when it was written: the same message again, later, means no more.
        ["delete", "everything"] => PrivacyWish::Erase(asked),
        _ => PrivacyWish::Show,
    }
}

/// Reads what stands behind `/link`: a code of another account, or that the account is nobody's other one any more.
fn wish_of_account(
    Question { text, asker, conversation, language, .. }: Question,
) -> AccountInquiry {
    let is_over = text.trim().eq_ignore_ascii_case("off");
    let wish = if is_over { AccountWish::TakeBack } else { AccountWish::Link { code: text } };
    // A conversation is its account's, whoever that is linked to.
    let account = conversation.as_deref().and_then(conversations::elsewhere);
    let account = account.map_or_else(|| asker.id.clone(), |(account, _)| account.to_owned());
    AccountInquiry { account, person: asker.id, wish, language }
}

/// Reads what stands behind `/memory`; `None` if it means nothing.
fn wish_of(words: &str) -> Option<MemoryWish> {
    let words = words.to_lowercase();
    let words: Vec<_> = words.split_whitespace().collect();
    match words.as_slice() {
        [] => Some(MemoryWish::List),
        ["on"] => Some(MemoryWish::Switch { is_on: true }),
        ["off"] => Some(MemoryWish::Switch { is_on: false }),
        ["forget", "all"] => Some(MemoryWish::ForgetAll),
        ["forget", id] => Some(MemoryWish::Forget { id: id.parse().ok()? }),
        _ => None,
    }
}
