//! What a fact is about, as far as a newer one on the same takes its place: "my favourite colour is blue".
//!
//! The subject is what stands before the verb, with the kind of what stands behind it, so that where
//! somebody lives does not take the place of what they do. What a person may say of many things at once
//! ("I like …", "I have …") has no subject, and nothing supersedes it.

/// Verbs with what they tell, in the order in which they are looked for.
const ENGLISH: [(&str, &str); 10] = [
    (" is called ", "name"),
    (" is named ", "name"),
    (" are called ", "name"),
    ("'s name is ", "name"),
    ("’s name is ", "name"),
    (" is ", ""),
    (" are ", ""),
    (" was ", ""),
    (" were ", ""),
    (" = ", ""),
];

/// The same in short, which may also be whose something is: it is a verb where there is no other.
const SHORT: [(&str, &str); 2] = [("'s ", ""), ("’s ", "")];

/// What somebody does in one way at a time.
const ONE_AT_A_TIME: [&str; 13] = [
    "live in",
    "live at",
    "work at",
    "work in",
    "work as",
    "work for",
    "study at",
    "moved to",
    "was born in",
    "was born on",
    "prefer to be called",
    "go to school at",
    "am from",
];

/// Words before a place or a time.
const PREPOSITIONS: [&str; 8] = ["in", "at", "on", "from", "near", "with", "to", "by"];

/// Verbs that make a sentence of several subjects.
const JAPANESE_KINDS: [(&str, &str); 10] = [
    ("アレルギー", "allergy"),
    ("住", "live"),
    ("働", "work"),
    ("勤め", "work"),
    ("生まれ", "born"),
    ("歳", "age"),
    ("才", "age"),
    ("という名前", "name"),
    ("と呼", "name"),
    ("といいます", "name"),
];

/// Who does and is many things at once.
const PERSONS: [&str; 19] = [
    "兄", "弟", "姉", "妹", "母", "父", "夫", "妻", "娘", "息子", "彼", "彼女", "猫", "犬", "友達",
    "上司", "先生", "隣人", "同僚",
];

/// What stands behind the name of somebody.
const TITLES: [&str; 5] = ["さん", "くん", "君", "ちゃん", "様"];

/// Returns what a fact is about; `None` if nothing supersedes it.
pub fn of(fact: &str) -> Option<String> {
    let fact = fact.trim().to_lowercase();
    if fact.starts_with("call me ") || fact.contains("と呼んで") || fact.contains("って呼んで")
    {
        return Some("call me".to_owned());
    }
    japanese(&fact).or_else(|| english(&fact))
}

fn english(fact: &str) -> Option<String> {
    let plain = without_article(fact);
    if let Some(rest) = plain.strip_prefix("i ") {
        let verb = ONE_AT_A_TIME.iter().find(|verb| begins_with_words(rest, verb));
        return verb.map(|verb| format!("i {verb}"));
    }
    if ["i'm ", "i’m ", "we ", "it ", "there "].iter().any(|it| plain.starts_with(it)) {
        return None;
    }
    let first = |verbs: &'static [(&'static str, &'static str)]| {
        let found = verbs.iter().filter_map(|(verb, kind)| Some((plain.find(verb)?, *verb, *kind)));
        found.min_by_key(|(at, _, kind)| (*at, kind.is_empty()))
    };
    let (at, verb, kind) = first(&ENGLISH).or_else(|| first(&SHORT))?;
    let subject = plain.get(..at)?.trim();
    let rest = plain.get(at + verb.len()..)?;
    let first = rest.split_whitespace().next().unwrap_or_default();
    let kind = match kind {
        "" if PREPOSITIONS.contains(&first) => first,
        "" if ["a", "an"].contains(&first) => "a",
        kind => kind,
    };
    // "my cat's name is Mochi" and "my cat is called Mochi".
    let (subject, kind) = match subject.strip_suffix("'s name").or(subject.strip_suffix("’s name"))
    {
        Some(owner) => (owner, "name"),
        None => (subject, kind),
    };
    (!subject.is_empty()).then(|| format!("{subject} {kind}").trim_end().to_owned())
}

fn japanese(fact: &str) -> Option<String> {
    let (subject, rest) = fact.split_once('は')?;
    if rest.is_empty() || subject.is_ascii() {
        return None;
    }
    let selves = ["私", "僕", "俺", "わたし", "ぼく", "おれ", "あたし", "うち", "自分"];
    let strip = |subject: &str| {
        selves.iter().find_map(|it| Some(subject.strip_prefix(it)?.strip_prefix('の')?.to_owned()))
    };
    let subject = strip(subject).unwrap_or_else(|| subject.to_owned());
    let kind = JAPANESE_KINDS.iter().find(|(word, _)| rest.contains(word)).map(|(_, kind)| *kind);
    let is_self = selves.contains(&subject.as_str());
    let is_somebody = is_self
        || PERSONS.contains(&subject.as_str())
        || TITLES.iter().any(|title| subject.ends_with(title));
    // A sentence with a verb, unless what it is about is something of somebody.
    let tells = !subject.contains('の') && ['を', 'に', 'が'].iter().any(|it| rest.contains(*it));
    match kind {
        None if is_somebody || tells => None,
        None => Some(format!("{subject}は")),
        Some(kind) => Some(format!("{} {kind}", if is_self { "私" } else { &subject })),
    }
}

fn without_article(fact: &str) -> &str {
    let words = ["the ", "a ", "an "];
    words.iter().find_map(|word| fact.strip_prefix(word)).unwrap_or(fact)
}

/// Returns whether a text begins with these words, whatever stands between.
fn begins_with_words(text: &str, words: &str) -> bool {
    let mut words = words.split(' ').peekable();
    for word in text.split_whitespace().take(6) {
        if words.peek() == Some(&word) {
            let _taken = words.next();
        }
        if words.peek().is_none() {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_of_two_facts_is_on_the_same_subject() {
        for (older, newer) in [
            ("my favourite colour is blue", "My favourite colour is green"),
            ("my cat is called Mochi", "my cat's name is Kinako"),
            ("I live in Kyoto", "I now live in Osaka"),
            ("the wifi password is abc", "wifi password is def"),
            ("my name is Mio", "my name's Mia"),
            ("call me Mio", "call me Captain"),
            ("私の名前はミオです", "名前はミアだよ"),
            ("好きな色は青", "僕の好きな色は緑です"),
            ("私は京都に住んでいます", "僕は今は大阪に住んでる"),
            ("ミオと呼んで", "ミアって呼んでね"),
        ] {
            assert_eq!(of(older), of(newer), "{older} {newer}");
            assert!(of(older).is_some(), "{older}");
        }
    }

    #[test]
    fn another_subject_and_one_of_many_things_take_no_place() {
        for (one, other) in [
            ("my brother is a doctor", "my brother is in Osaka"),
            ("my brother's birthday is on 5 May", "my brother's car is red"),
            ("my cat is called Mochi", "my cat is black"),
            ("my cat is called Mochi", "my dog is called Mochi"),
            ("I live in Kyoto", "I work in Kyoto"),
            ("妹は大阪で働いている", "妹は大阪に住んでいる"),
            ("猫の名前はモチ", "犬の名前はモチ"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
        for fact in [
            "I like tea",
            "I have a dog",
            "we met in 2019",
            "私はお茶が好き",
            "妹は医者です",
            "雨は上がる",
            "おいしい店",
        ] {
            assert_eq!(of(fact), None, "{fact}");
        }
    }
}
