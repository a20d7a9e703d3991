//! What a fact is about, as far as a newer one on the same takes its place: "my favourite colour is blue".
//!
//! The subject is what stands before the verb, with the kind of what stands behind it. A fact has one only
//! where the rules know that there is one such thing at a time: a birthday, a password, a favourite dish, a
//! colour, where somebody lives. Everything else may be said of many things at once ("I like …", "my cat is
//! old", "my cat is black", an allergy), has no subject, and nothing supersedes it. Two facts that
//! contradict each other are told with their days, and the later one counts; one that was superseded by
//! mistake is lost to whoever asked to have it remembered.

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
    (" = ", "="),
];

/// The same in short, which may also be whose something is: it is a verb where there is no other.
const SHORT: [(&str, &str); 2] = [("'s ", ""), ("’s ", "")];

/// What somebody does in one way at a time.
const ONE_AT_A_TIME: [&str; 12] = [
    "live in",
    "live at",
    "work at",
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

/// What may stand before that: with anything else it is a wish, or the contrary.
const ADVERBS: &str = "now currently still just recently actually also";

/// Last words of what has one value at a time.
const ATTRIBUTES: &str = "name surname nickname birthday birthdate anniversary password passphrase passcode \
    pin code number email e-mail address colour color size age height weight profession \
    occupation username handle id timezone zone nationality pronouns deadline budget \
    type";

/// Words that say how something is rather than what it is, and how much so.
const JUDGEMENTS: &str = "not too very so really quite pretty always never good bad great nice hard easy \
    difficult long short big small old new secret private important wrong boring \
    stressful near soon";

/// Colours, and what stands before one.
const COLOURS: &str = "red orange yellow green blue purple violet pink brown black white grey gray golden \
    silver beige turquoise";
const SHADES: &str = "light dark bright pale";

/// Words before a place or a time.
const PREPOSITIONS: &str = "in at on from near with to by";

/// What a sentence of several subjects tells.
const JAPANESE_KINDS: [(&str, &str); 8] = [
    ("住んで", "live"),
    ("在住", "live"),
    ("で働", "work"),
    ("に勤め", "work"),
    ("生まれ", "born"),
    ("という名前", "name"),
    ("と呼", "name"),
    ("といいます", "name"),
];

/// Last words of what has one value at a time.
const JAPANESE_ATTRIBUTES: &str = "名前 名字 苗字 あだ名 誕生日 記念日 番号 パスワード 合言葉 コード 住所 アドレス 色 サイズ 身長 体重 年齢 職業 国籍 血液型 締め切り 予算";

const JAPANESE_COLOURS: [&str; 12] =
    ["赤", "青", "黄", "緑", "紫", "桃", "茶", "黒", "白", "灰", "金", "銀"];

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
        return done_by_me(rest);
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
    // "my cat's name is Mochi" and "my cat is called Mochi".
    let (subject, kind) = match subject.strip_suffix("'s name").or(subject.strip_suffix("’s name"))
    {
        Some(owner) => (owner, "name"),
        None if kind.is_empty() => (subject, kind_of(subject, rest)?),
        None => (subject, kind),
    };
    (!subject.is_empty()).then(|| format!("{subject} {kind}").trim_end().to_owned())
}

/// Returns what is told of the subject; `None` for what may be told beside something else of it.
fn kind_of(subject: &str, rest: &str) -> Option<&'static str> {
    let mut words = rest.split(|char: char| !char.is_alphanumeric()).filter(|it| !it.is_empty());
    let first = words.next().unwrap_or_default();
    let preposition = PREPOSITIONS.split(' ').find(|it| *it == first);
    let is_one = subject.contains("favourite ")
        || subject.contains("favorite ")
        || subject.rsplit(' ').next().is_some_and(|last| holds(ATTRIBUTES, last));
    let second = words.next().unwrap_or_default();
    let is_number = |word: &str| word.starts_with(|char: char| char.is_ascii_digit());
    if is_one {
        return (!holds(JUDGEMENTS, first)).then(|| preposition.unwrap_or_default());
    }
    let colour = if holds(SHADES, first) { second } else { first };
    if holds(COLOURS, colour) && words.all(|word| word == "and" || holds(COLOURS, word)) {
        return Some("colour");
    }
    if is_number(first) && (second.starts_with("year") || second.starts_with("month")) {
        return Some("age");
    }
    (first == "at" && is_number(second)).then_some("at")
}

/// Returns what I do in one way at a time.
fn done_by_me(rest: &str) -> Option<String> {
    let rest =
        ADVERBS.split(' ').find_map(|it| rest.strip_prefix(it)?.strip_prefix(' ')).unwrap_or(rest);
    let (verb, object) = ONE_AT_A_TIME
        .iter()
        .find_map(|verb| Some((verb, rest.strip_prefix(verb)?.strip_prefix(' ')?)))?;
    // In a house and in Kyoto; in 1990 and in Kyoto.
    let kind = match object.split(' ').next() {
        Some("a" | "an" | "the" | "my" | "our") => " a",
        Some(word) if word.starts_with(|char: char| char.is_ascii_digit()) => " at",
        _ => "",
    };
    Some(format!("i {verb}{kind}"))
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
    let rest = ["です", "でした", "だよ", "だ", "。"]
        .iter()
        .fold(rest, |rest, end| rest.strip_suffix(end).unwrap_or(rest));
    let kind = JAPANESE_KINDS.iter().find(|(word, _)| rest.contains(word)).map(|(_, kind)| *kind);
    let kind = match kind {
        // In Kyoto and in May.
        Some("born") if rest.contains(['月', '日', '年']) => Some("born on"),
        None if is_age(rest) => Some("age"),
        None if is_japanese_colour(rest) => Some("colour"),
        kind => kind,
    };
    let is_self = selves.contains(&subject.as_str());
    let is_one = subject.contains("好きな")
        || subject.contains("お気に入り")
        || JAPANESE_ATTRIBUTES.split(' ').any(|attribute| subject.ends_with(attribute));
    match kind {
        // An adjective, or a sentence with a verb.
        None | Some("colour") if is_one => {
            let tells = rest.ends_with('い')
                || !subject.contains('の')
                    && ['を', 'に', 'が'].iter().any(|it| rest.contains(*it));
            (!tells || kind.is_some()).then(|| format!("{subject}は"))
        }
        None => None,
        Some(kind) => Some(format!("{} {kind}", if is_self { "私" } else { &subject })),
    }
}

/// Returns whether it is how old somebody is, and nothing more.
fn is_age(rest: &str) -> bool {
    let number = rest.strip_suffix('歳').or_else(|| rest.strip_suffix('才'));
    let is_digit = |char: char| char.is_numeric() || "〇一二三四五六七八九十百".contains(char);
    number.is_some_and(|number| !number.is_empty() && number.chars().all(is_digit))
}

/// Returns whether it is a colour, and nothing more: 黒, 黒い, 黒色.
fn is_japanese_colour(rest: &str) -> bool {
    JAPANESE_COLOURS.iter().any(|colour| {
        rest.strip_prefix(colour).is_some_and(|rest| ["", "い", "色", "色い"].contains(&rest))
    })
}

/// Returns whether a list has this word.
fn holds(list: &str, word: &str) -> bool {
    list.split(' ').any(|it| it == word)
}

fn without_article(fact: &str) -> &str {
    let words = ["the ", "a ", "an "];
    words.iter().find_map(|word| fact.strip_prefix(word)).unwrap_or(fact)
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
            ("my cat is black", "my cat is dark grey"),
            ("my cat is black and white", "my cat is brown"),
            ("my son is 4 years old", "my son is 5 years old"),
            ("my flight is at 8:15", "my flight is at 9:30"),
            ("my birthday is on 5 May", "my birthday is on 6 May"),
            ("wifi = abc", "wifi = def"),
            ("猫は黒い", "猫は白です"),
            ("弟は4歳", "弟は五歳だ"),
            ("妹は京都生まれ", "妹は大阪生まれ"),
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
            ("I live in Kyoto", "I live in a small flat"),
            ("I was born in Kyoto", "I was born in 1990"),
            ("私の誕生日は5月", "妹の誕生日は5月"),
            ("妹は京都生まれ", "妹は五月生まれ"),
        ] {
            assert!(of(one) != of(other) || of(one).is_none(), "{one} {other}");
        }
        for fact in [
            "I like tea",
            "I have a dog",
            "we met in 2019",
            "私はお茶が好き",
            "妹は医者です",
            "雨は上がる",
            "おいしい店",
            // Of two of these about one thing, each stays.
            "my cat is old",
            "my cat is blue-eyed and shy",
            "my cat is black with a white paw",
            "my brother is a doctor",
            "my brother is in Osaka",
            "my brother's car is fast",
            "my job is stressful",
            "my name is hard to pronounce",
            "my sister is allergic to eggs",
            "I want to live in Osaka",
            "I don't live in Kyoto",
            "妹は卵アレルギー",
            "兄は才能がある",
            "車は古い",
            "名前は長い",
            "妹は海の近くに住みたい",
        ] {
            assert_eq!(of(fact), None, "{fact}");
        }
    }
}
