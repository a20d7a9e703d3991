//! A transport that is one of several: an enum, each variant of which holds a transport.

/// Implements [`Transport`](crate::transport::Transport) for an enum by passing each call on to the
/// transport that its variant holds.
///
/// A trait with async methods cannot be an object, so several platforms are an enum.
#[macro_export]
macro_rules! delegate_transport {
    ([$($bounds:tt)*] $each:ty { $($variant:ident),+ $(,)? }) => {
        impl<$($bounds)*> $crate::i18n::Markup for $each {
            fn strong(&self, words: &str) -> String {
                match self { $(Self::$variant(one) => one.strong(words)),+ }
            }
            fn code(&self, word: &str) -> String {
                match self { $(Self::$variant(one) => one.code(word)),+ }
            }
            fn small_print(&self, line: &str) -> String {
                match self { $(Self::$variant(one) => one.small_print(line)),+ }
            }
            fn person(&self, id: &str) -> String {
                match self { $(Self::$variant(one) => one.person(id)),+ }
            }
            fn channel(&self, id: &str) -> String {
                match self { $(Self::$variant(one) => one.channel(id)),+ }
            }
            fn command(&self, words: &str) -> Option<String> {
                match self { $(Self::$variant(one) => one.command(words)),+ }
            }
            fn date(&self, unix_s: u64, language: $crate::i18n::Language) -> String {
                match self { $(Self::$variant(one) => one.date(unix_s, language)),+ }
            }
            fn time(&self, unix_s: u64, language: $crate::i18n::Language) -> String {
                match self { $(Self::$variant(one) => one.time(unix_s, language)),+ }
            }
        }

        impl<$($bounds)*> $crate::transport::Transport for $each {
            fn name(&self) -> &'static str {
                match self { $(Self::$variant(one) => one.name()),+ }
            }
            fn capabilities(&self) -> $crate::transport::Capabilities {
                match self { $(Self::$variant(one) => one.capabilities()),+ }
            }
            fn render(&self, author: $crate::transport::Author, text: &str) -> Vec<String> {
                match self { $(Self::$variant(one) => one.render(author, text)),+ }
            }
            fn places(&self, question: &$crate::question::Question) -> Vec<String> {
                match self { $(Self::$variant(one) => one.places(question)),+ }
            }
            fn lookup(
                &self,
                question: &$crate::question::Question,
            ) -> Option<$crate::ports::Statement> {
                match self { $(Self::$variant(one) => one.lookup(question)),+ }
            }
            fn looked_up(
                &self,
                question: &$crate::question::Question,
                rows: &$crate::ports::Rows,
            ) {
                match self { $(Self::$variant(one) => one.looked_up(question, rows)),+ }
            }
            async fn route(
                &self,
                question: &$crate::question::Question,
            ) -> Result<$crate::transport::Route, $crate::fault::Fault> {
                match self { $(Self::$variant(one) => one.route(question).await),+ }
            }
            fn shows_buttons(&self, route: &$crate::transport::Route) -> bool {
                match self { $(Self::$variant(one) => one.shows_buttons(route)),+ }
            }
            fn scope(&self, route: &$crate::transport::Route) -> String {
                match self { $(Self::$variant(one) => one.scope(route)),+ }
            }
            async fn send(
                &self,
                question: &$crate::question::Question,
                route: &$crate::transport::Route,
                message: &$crate::transport::Message<'_>,
                budget: &mut $crate::transport::RateLimitBudget,
            ) -> Result<String, $crate::transport::SendError> {
                match self {
                    $(Self::$variant(one) => one.send(question, route, message, budget).await),+
                }
            }
            async fn retract(
                &self,
                question: &$crate::question::Question,
                message_id: &str,
            ) -> Result<(), $crate::transport::SendError> {
                match self { $(Self::$variant(one) => one.retract(question, message_id).await),+ }
            }
            fn attaches_files(&self, question: &$crate::question::Question) -> bool {
                match self { $(Self::$variant(one) => one.attaches_files(question)),+ }
            }
            fn takes_out_code(&self, question: &$crate::question::Question) -> bool {
                match self { $(Self::$variant(one) => one.takes_out_code(question)),+ }
            }
            fn can_find(&self, question: &$crate::question::Question) -> bool {
                match self { $(Self::$variant(one) => one.can_find(question)),+ }
            }
            async fn find(
                &self,
                question: &$crate::question::Question,
                message: &$crate::transport::Message<'_>,
            ) -> Result<$crate::transport::Search, $crate::fault::Fault> {
                match self { $(Self::$variant(one) => one.find(question, message).await),+ }
            }
            async fn edit(
                &self,
                question: &$crate::question::Question,
                message: &$crate::transport::Message<'_>,
            ) -> Result<$crate::transport::EditOutcome, $crate::transport::SendError> {
                match self { $(Self::$variant(one) => one.edit(question, message).await),+ }
            }
            async fn edit_once(
                &self,
                question: &$crate::question::Question,
                content: &str,
            ) -> Result<$crate::transport::EditOutcome, $crate::transport::SendError> {
                match self { $(Self::$variant(one) => one.edit_once(question, content).await),+ }
            }
            async fn show_step(
                &self,
                question: &$crate::question::Question,
                step: &$crate::conversation::Step,
            ) -> Result<$crate::transport::EditOutcome, $crate::transport::SendError> {
                match self { $(Self::$variant(one) => one.show_step(question, step).await),+ }
            }
            async fn remove(
                &self,
                question: &$crate::question::Question,
            ) -> Result<(), $crate::transport::SendError> {
                match self { $(Self::$variant(one) => one.remove(question).await),+ }
            }
        }
    };
}
