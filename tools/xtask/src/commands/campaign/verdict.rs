//! What became of one accepted question, by what its asker and the channel see.

use std::collections::BTreeMap;
use std::fmt;

use crate::value::text;
use serde_json::Value;

/// Name under which Miyabi posts in channels.
pub(super) const MIYABI: &str = "Miyabi";

/// What became of a question; the worst that is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The answer is there, once, in the channel or for the asker alone.
    Answered,
    /// A sentence says why there is none: in place of "thinking…", or as a message.
    Told,
    /// The job has ended, and its asker has neither.
    Lost,
    /// A message of the job is there twice.
    Doubled,
    /// The job has not ended, or its asker still sees "thinking…".
    Stuck,
}

/// An accepted question.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The job's id: on Discord that of the interaction.
    pub id: String,
    /// Word that is in each message of the question and in the answer, and another that is in the
    /// answer where the first is not.
    pub marks: [String; 2],
    /// Channel, by name.
    pub channel: String,
    /// Whether it was refused at once, with a sentence in place of the deferred reply.
    pub is_refused: bool,
}

/// All that can be seen at the end.
#[derive(Debug, Default)]
pub struct Scene {
    /// Rows of the table `jobs`, by id.
    pub rows: BTreeMap<String, Value>,
    /// Interactions as the lab lists them, by id.
    pub interactions: BTreeMap<String, Value>,
    /// Messages of answers that the Worker knows it has posted, by the job's id.
    pub ledger: BTreeMap<String, Value>,
    /// The same of sentences that say why there is none; none where there is "thinking…".
    pub notices: BTreeMap<String, Value>,
    /// Messages of all channels, in order. `job` is what says of which job one is, where something does; `place` is the
    /// channel where ids count within it.
    pub messages: Vec<Value>,
    /// Beginnings of answers that were not gone on with, nor removed.
    pub left: Vec<Value>,
    /// What the messages say that came of calls without a reply, where nobody can look for them: each may come once
    /// more.
    pub lost: Vec<String>,
}

/// How many questions met which end, and the words about those that should not have.
#[derive(Debug, Default)]
pub struct Report {
    counts: BTreeMap<Verdict, usize>,
    /// One paragraph for each question that was lost, doubled or is stuck.
    pub failures: Vec<String>,
    /// Jobs that needed more than one generation.
    pub revived: usize,
    /// Answers that came once more, where the rules allow it.
    pub again: usize,
    /// One line for each beginning of an answer that was left beside it.
    pub left: Vec<String>,
}

impl Report {
    /// Judges every question.
    pub fn new(questions: &[Asked], scene: &Scene) -> Self {
        let mut report = Self::default();
        for asked in questions {
            let verdict = scene.judge(asked);
            *report.counts.entry(verdict).or_default() += 1;
            if verdict > Verdict::Told {
                report.failures.push(format!("{verdict:?}: {}", scene.describe(asked)));
            }
            let generation = scene.rows.get(&asked.id).and_then(|row| row.get("generation"));
            report.revived += usize::from(generation.and_then(Value::as_u64) > Some(1));
            if verdict == Verdict::Answered {
                report.again += scene.answers_of(asked).count().saturating_sub(1);
            }
        }
        report.left = scene.left.iter().map(|it| format!("Left: {}", shorten(it))).collect();
        report
    }

    /// Returns how many questions met this end.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts.get(&verdict).copied().unwrap_or_default()
    }

    /// Returns whether each was answered or told.
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Verdict::{Answered, Doubled, Lost, Stuck, Told};
        let [answered, told, lost, doubled, stuck] =
            [Answered, Told, Lost, Doubled, Stuck].map(|verdict| self.count(verdict));
        write!(
            formatter,
            "answered {answered}, told {told}, lost {lost}, doubled {doubled}, stuck {stuck}"
        )?;
        for (count, what) in [(self.again, "allowed again"), (self.left.len(), "left")] {
            if count > 0 {
                write!(formatter, ", {what} {count}")?;
            }
        }
        Ok(())
    }
}

impl Scene {
    /// Returns what became of a question.
    pub fn judge(&self, asked: &Asked) -> Verdict {
        let row = self.rows.get(&asked.id);
        let has_ended = row.is_some_and(|row| matches!(text(row, "status"), "COMPLETED" | "ERROR"));
        let original = self.original(asked);
        let is_thinking = original.is_some_and(|message| is_true(message, "is_thinking"));
        let mut questions = self.messages_of(asked);
        questions.retain(|message| !is_answer(message));
        let answers = self.answers_of(asked).count();
        let allowed = 1 + self.answers_of(asked).next().map_or(0, |answer| self.losses(answer));
        // A refusal may come without a row.
        let is_open = !has_ended && (row.is_some() || !asked.is_refused);
        if is_thinking || is_open {
            Verdict::Stuck
        } else if answers > allowed || has_twins(&questions) || self.is_repeated(row) {
            Verdict::Doubled
        } else if answers > 0 || self.has_plain_answer(asked, row) {
            Verdict::Answered
        } else if original.is_some_and(|message| !text(message, "content").is_empty())
            || self.has_notice(asked, row)
        {
            Verdict::Told
        } else {
            Verdict::Lost
        }
    }

    /// Returns whether the job has ended.
    pub fn has_ended(&self, asked: &Asked) -> bool {
        !matches!(self.judge(asked), Verdict::Stuck)
    }

    /// Says all that is known about a question.
    fn describe(&self, asked: &Asked) -> String {
        let row = self.rows.get(&asked.id).map_or_else(|| "no row".to_owned(), Value::to_string);
        let original = self.original(asked);
        let original = original.map_or_else(|| "no reply".to_owned(), shorten);
        let (id, [mark, _], channel) = (&asked.id, &asked.marks, &asked.channel);
        let mut lines =
            vec![format!("{id} ({mark}, #{channel})"), row, format!("reply: {original}")];
        lines.extend(self.messages_of(asked).into_iter().map(shorten));
        lines.join("\n  ")
    }

    /// Returns what stands in place of "thinking…", or that itself.
    fn original(&self, asked: &Asked) -> Option<&Value> {
        let id = self.interactions.get(&asked.id)?.get("original")?.as_str()?;
        self.messages.iter().find(|message| text(message, "id") == id)
    }

    /// Returns whether an answer without a mark, as when the model is at a loss for words, is there: in
    /// place of "thinking…", or as the message that the Worker noted.
    fn has_plain_answer(&self, asked: &Asked, row: Option<&Value>) -> bool {
        let answer = row.map_or("", |row| text(row, "result"));
        let noted = self.noted(asked, &self.ledger);
        let mut places = [noted, self.original(asked)].into_iter().flatten();
        !answer.is_empty() && places.any(|message| text(message, "content") == answer)
    }

    /// Returns whether a job that failed has told so in a message of its own.
    fn has_notice(&self, asked: &Asked, row: Option<&Value>) -> bool {
        let is_of_job = |message: &Value| is_answer(message) && text(message, "job") == asked.id;
        row.is_some_and(|row| text(row, "status") == "ERROR")
            && (self.noted(asked, &self.notices).is_some() || self.messages.iter().any(is_of_job))
    }

    /// Returns the message of a job that the Worker noted, if it is there.
    fn noted(&self, asked: &Asked, noted: &BTreeMap<String, Value>) -> Option<&Value> {
        let id = text(noted.get(&asked.id)?, "message_id");
        let is_there = |message: &Value| ["", &asked.channel].contains(&text(message, "place"));
        self.messages.iter().find(|message| text(message, "id") == id && is_there(message))
    }

    /// Returns whether there are more messages with the job's answer than jobs that have this answer.
    fn is_repeated(&self, row: Option<&Value>) -> bool {
        let answer = row.map_or("", |row| text(row, "result"));
        let is_same = |message: &&Value| is_answer(message) && text(message, "content") == answer;
        let jobs = self.rows.values().filter(|row| text(row, "result") == answer);
        let mut same = self.messages.iter().filter(is_same).peekable();
        let allowed = jobs.count() + same.peek().map_or(0, |message| self.losses(message));
        !answer.is_empty() && same.count() > allowed
    }

    /// Returns how often a message may be there once more.
    fn losses(&self, message: &Value) -> usize {
        self.lost.iter().filter(|lost| lost.as_str() == text(message, "content")).count()
    }

    fn answers_of(&self, asked: &Asked) -> impl Iterator<Item = &Value> {
        self.messages_of(asked).into_iter().filter(|message| is_answer(message))
    }

    fn messages_of(&self, asked: &Asked) -> Vec<&Value> {
        let is_its = |message: &&Value| {
            asked.marks.iter().any(|mark| text(message, "content").contains(mark))
        };
        self.messages.iter().filter(is_its).collect()
    }
}

/// Whether Miyabi says it: in a channel, or to its asker alone.
fn is_answer(message: &Value) -> bool {
    text(message, "author") == MIYABI || !text(message, "only_for").is_empty()
}

fn has_twins(messages: &[&Value]) -> bool {
    let key = |message: &&Value| {
        (text(message, "author").to_owned(), text(message, "content").to_owned())
    };
    let mut keys: Vec<_> = messages.iter().map(key).collect();
    keys.sort();
    keys.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

fn shorten(message: &Value) -> String {
    let content: String = text(message, "content").chars().take(160).collect();
    let thinking = if is_true(message, "is_thinking") { " (thinking)" } else { "" };
    format!("{} {}{thinking}: {content}", text(message, "id"), text(message, "author"))
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked() -> Asked {
        let marks = ["c0001x", "(36 characters)"].map(ToOwned::to_owned);
        Asked { id: "1".to_owned(), marks, channel: "general".to_owned(), is_refused: false }
    }

    fn scene(status: &str, messages: &Value) -> Scene {
        let row = json!({ "id": "1", "status": status, "generation": 2, "result": "No words." });
        let interaction = json!({ "id": "1", "original": "100" });
        Scene {
            rows: [("1".to_owned(), row)].into(),
            interactions: [("1".to_owned(), interaction)].into(),
            ledger: [("1".to_owned(), json!({ "id": "1", "message_id": "7" }))].into(),
            messages: messages.as_array().cloned().unwrap(),
            ..Scene::default()
        }
    }

    fn judge(status: &str, messages: &Value) -> Verdict {
        scene(status, messages).judge(&asked())
    }

    #[test]
    fn an_answer_is_one_message_with_the_mark_wherever_it_is() {
        let question = json!({ "id": "1", "author": "みお", "content": "weather in c0001x?" });
        let answer = json!({ "id": "2", "author": "Miyabi", "content": "c0001x is unknown" });
        assert_eq!(judge("COMPLETED", &json!([question, answer])), Verdict::Answered);
        let private = json!({
            "id": "100", "author": "miyabi-lab", "only_for": "mio", "content": "c0001x is unknown",
        });
        assert_eq!(judge("COMPLETED", &json!([private])), Verdict::Answered);
        assert_eq!(judge("COMPLETED", &json!([answer, private])), Verdict::Doubled);
        assert_eq!(judge("COMPLETED", &json!([question, question, answer])), Verdict::Doubled);
        let by_length =
            json!({ "id": "3", "author": "Miyabi", "content": "question (36 characters)" });
        assert_eq!(judge("COMPLETED", &json!([question, by_length])), Verdict::Answered);
        assert_eq!(judge("COMPLETED", &json!([answer, by_length])), Verdict::Doubled);
        assert_eq!(judge("COMPLETED", &json!([question])), Verdict::Lost);
        assert_eq!(judge("PROCESSING", &json!([question, answer])), Verdict::Stuck);
    }

    #[test]
    fn an_answer_without_a_mark_is_found_where_the_worker_put_it() {
        let noted = json!({ "id": "7", "author": "Miyabi", "content": "No words." });
        assert_eq!(judge("COMPLETED", &json!([noted])), Verdict::Answered);
        let other = json!({ "id": "8", "author": "Miyabi", "content": "No words." });
        assert_eq!(judge("COMPLETED", &json!([noted, other])), Verdict::Doubled);
        let private = json!({
            "id": "100", "author": "miyabi-lab", "only_for": "mio", "content": "No words.",
        });
        assert_eq!(judge("COMPLETED", &json!([private])), Verdict::Answered);
        let cut = json!({ "id": "7", "author": "Miyabi", "content": "No" });
        assert_eq!(judge("COMPLETED", &json!([cut])), Verdict::Lost);
    }

    #[test]
    fn a_sentence_is_told_thinking_is_stuck_and_nothing_is_lost() {
        let sentence = json!({ "id": "100", "author": "Miyabi", "content": "Sorry." });
        assert_eq!(judge("ERROR", &json!([sentence])), Verdict::Told);
        let thinking = json!({ "id": "100", "author": "Miyabi", "is_thinking": true });
        assert_eq!(judge("ERROR", &json!([thinking])), Verdict::Stuck);
        assert_eq!(judge("ERROR", &json!([])), Verdict::Lost);
        let mut scene = scene("ERROR", &json!([sentence]));
        scene.rows.clear();
        assert_eq!(scene.judge(&asked()), Verdict::Stuck);
        let refused = Asked { is_refused: true, ..asked() };
        assert_eq!(scene.judge(&refused), Verdict::Told);
    }

    #[test]
    fn an_answer_may_come_again_as_often_as_a_reply_to_it_was_lost() {
        let answer = json!({ "id": "2", "author": "Miyabi", "content": "c0001x is unknown" });
        let mut scene = scene("COMPLETED", &json!([answer, answer]));
        assert_eq!(scene.judge(&asked()), Verdict::Doubled);
        scene.lost = vec!["c0002x is unknown".to_owned()];
        assert_eq!(scene.judge(&asked()), Verdict::Doubled, "that was another's");
        scene.lost.push("c0001x is unknown".to_owned());
        let report = Report::new(&[asked()], &scene);
        assert_eq!(
            report.to_string(),
            "answered 1, told 0, lost 0, doubled 0, stuck 0, allowed again 1"
        );
        scene.messages.push(answer);
        assert_eq!(scene.judge(&asked()), Verdict::Doubled, "one reply was lost, not two");
    }

    #[test]
    fn without_thinking_a_job_that_failed_tells_so_in_a_message_of_its_own() {
        let notice = |place: &str, job: &str| json!({ "id": "9", "author": "Miyabi", "content": "Sorry.", "place": place, "job": job });
        let judge = |status: &str, message: Value, is_noted: bool| {
            let mut scene = scene(status, &json!([message]));
            if is_noted {
                let noted = json!({ "id": "1", "message_id": "9" });
                scene.notices.insert("1".to_owned(), noted);
            }
            scene.judge(&asked())
        };
        assert_eq!(judge("ERROR", notice("general", ""), true), Verdict::Told);
        assert_eq!(judge("ERROR", notice("random", ""), true), Verdict::Lost);
        assert_eq!(judge("ERROR", notice("general", "1"), false), Verdict::Told);
        assert_eq!(judge("ERROR", notice("general", "2"), false), Verdict::Lost);
        assert_eq!(judge("COMPLETED", notice("general", "1"), true), Verdict::Lost);
    }

    #[test]
    fn what_was_left_is_reported_and_no_failure() {
        let answer = json!({ "id": "2", "author": "Miyabi", "content": "c0001x is unknown" });
        let mut scene = scene("COMPLETED", &json!([answer]));
        scene.left = vec![json!({ "id": "3", "author": "Miyabi", "content": "c0001" })];
        let report = Report::new(&[asked()], &scene);
        assert!(report.is_clean());
        assert_eq!(report.to_string(), "answered 1, told 0, lost 0, doubled 0, stuck 0, left 1");
        assert_eq!(report.left, ["Left: 3 Miyabi: c0001"]);
    }

    #[test]
    fn the_report_counts_and_describes_what_went_wrong() {
        let sentence = json!({ "id": "100", "author": "Miyabi", "content": "Sorry." });
        let report = Report::new(&[asked()], &scene("ERROR", &json!([sentence])));
        assert_eq!(report.to_string(), "answered 0, told 1, lost 0, doubled 0, stuck 0");
        assert!(report.is_clean());
        assert_eq!(report.revived, 1);
        let report = Report::new(&[asked()], &scene("ERROR", &json!([])));
        assert!(!report.is_clean());
        assert!(report.failures[0].starts_with("Lost: 1 (c0001x, #general)"), "{report:?}");
    }
}
