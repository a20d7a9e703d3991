//! Japanese sentences that ask to remember something, or tell a name.

use super::{Sentence, lines};

/// What may stand before a sentence and says nothing.
const LEADS: [&str; 16] = [
    "雅",
    "みやび",
    "ミヤビ",
    "Miyabi",
    "ねえ",
    "ねぇ",
    "ところで",
    "あと",
    "それと",
    "ちなみに",
    "じゃあ",
    "では",
    "はい",
    "ええと",
    "お願い",
    "どうか",
];

/// Verbs that ask to remember, without their ending.
const VERBS: [&str; 5] = ["覚えて", "覚えと", "おぼえて", "記憶して", "忘れないで"];

/// Endings with which they ask. What else follows tells or asks of something: 覚えている, 覚えてますか.
const ENDINGS: [&str; 21] = [
    "おいて",
    "おけ",
    "おき",
    "置いて",
    "いて",
    "ください",
    "下さい",
    "ほしい",
    "欲しい",
    "くれ",
    "もらえ",
    "もらい",
    "いただ",
    "頂",
    "ね",
    "よ",
    "て",
    "な、",
    "ちょうだい",
    "頂戴",
    "、",
];

/// What stands between a fact and the verb, the longest first.
const LINKS: [&str; 12] = [
    "ということを",
    "っていうことを",
    "ってことを",
    "ことを",
    "のを",
    "んだと",
    "だって",
    "って",
    "と",
    "を",
    "から",
    "ので",
];

/// Who speaks of themselves.
const SELVES: [&str; 9] = ["私", "僕", "俺", "わたし", "ぼく", "おれ", "あたし", "うち", "自分"];

/// Words of a question.
const ASKING: [&str; 6] = ["何", "なに", "なん", "誰", "だれ", "どう"];

/// What is no fact.
const EMPTY: [&str; 10] =
    ["これ", "それ", "このこと", "そのこと", "以下", "次", "名前", "私の名前", "よく", "ちゃんと"];

/// Longest name with its sentence, in characters.
const MAX_NAME_CHARS: usize = 60;

/// Returns what a sentence asks to remember.
pub(super) fn facts<'a>(sentence: &Sentence<'a>) -> Vec<&'a str> {
    let own = without_leads(&sentence.own);
    let Some(text) = sentence.text.get(sentence.text.len() - own.len()..) else {
        return Vec::new();
    };
    if !sentence.note.trim().is_empty() {
        let begins = VERBS.iter().any(|verb| own.contains(verb)) || own.trim() == "メモ";
        let is_short = own.chars().count() <= 16;
        return if begins && is_short { lines(sentence.note).collect() } else { Vec::new() };
    }
    asked(own, text, sentence.asks).or_else(|| name(own, text, sentence.asks)).into_iter().collect()
}

fn without_leads(own: &str) -> &str {
    let separators = ['、', ',', ' ', '　', '・', '-'];
    let mut own = own.trim_start_matches(separators);
    while let Some(rest) = LEADS
        .iter()
        .find_map(|lead| own.strip_prefix(lead).filter(|rest| rest.starts_with(separators)))
    {
        own = rest.trim_start_matches(separators);
    }
    own
}

/// Finds "…と覚えておいて" and "覚えておいて、…".
fn asked<'a>(own: &str, text: &'a str, asks: bool) -> Option<&'a str> {
    let (at, verb) = VERBS.iter().find_map(|verb| Some((own.rfind(verb)?, verb)))?;
    let after = own.get(at + verb.len()..)?;
    let is_request = ["くれ", "もらえ", "もらい", "いただ", "頂", "ください"]
        .iter()
        .any(|it| after.contains(it));
    let ends = after.is_empty() || ENDINGS.iter().any(|ending| after.starts_with(ending));
    if !ends || after.starts_with("いて、いる") || (asks && !is_request) {
        return None;
    }
    // 覚えている and 覚えていて differ in one letter only.
    if after.starts_with("いて") && after.contains("いている") {
        return None;
    }
    let before = text.get(..at)?.trim_end();
    let link = LINKS.iter().find(|link| before.ends_with(**link));
    let fact = before.strip_suffix(*link.unwrap_or(&"")).unwrap_or(before);
    let fact = fact.trim_matches(['、', ' ', '　']);
    let fact = if fact.is_empty() {
        text.get(at..)?.split_once('、').map_or("", |(_verb, rest)| rest)
    } else if link.is_some() || before.ends_with('、') {
        fact
    } else {
        ""
    };
    // A quotation that is to be remembered is the asker's own choice.
    let bare = fact.strip_prefix('「').and_then(|rest| rest.strip_suffix('」')).unwrap_or(fact);
    (bare.chars().count() > 1 && !EMPTY.contains(&bare)).then_some(bare)
}

/// Finds "私の名前は…です" and "…と呼んで".
fn name<'a>(own: &str, text: &'a str, asks: bool) -> Option<&'a str> {
    let end = own.find('、').unwrap_or(own.len());
    let clause = own.get(..end)?;
    let tells = SELVES
        .iter()
        .any(|who| clause.strip_prefix(who).is_some_and(|rest| rest.starts_with("の名前は")));
    let calls = ["と呼んで", "って呼んで"].iter().any(|it| clause.contains(it));
    let is_question = (asks && end == own.len())
        || clause.ends_with('か')
        || ASKING.iter().any(|word| clause.contains(word));
    let is_short = clause.chars().count() <= MAX_NAME_CHARS;
    ((tells || calls) && !is_question && is_short && !clause.contains('\u{1}'))
        .then(|| text.get(..end))?
}
