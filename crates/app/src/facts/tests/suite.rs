//! How well facts are found again: 200 planted facts in 40 sessions, half of them English and half Japanese,
//! and questions that no judge has to read. The figures are in `docs/design/memory.md`; this holds the floors.

use super::*;

/// Who, in both languages.
const WHO: [(&str, &str); 10] = [
    ("brother", "兄"),
    ("sister", "妹"),
    ("mother", "母"),
    ("father", "父"),
    ("boss", "上司"),
    ("neighbour", "隣人"),
    ("teacher", "先生"),
    ("cousin", "いとこ"),
    ("landlord", "大家さん"),
    ("flatmate", "ルームメイト"),
];

/// A kind of fact: as it is said, and as it is asked for, once in the same words and once in others.
struct Kind {
    said: fn(&str, usize) -> String,
    asked: [fn(&str) -> String; 2],
}

const ENGLISH: [Kind; 10] = [
    Kind {
        said: |who, nth| format!("my {who}'s birthday is on {} May", nth + 1),
        asked: [
            |who| format!("When is my {who}'s birthday?"),
            |who| format!("On which day was my {who} born?"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who}'s favourite colour is shade {nth}"),
        asked: [
            |who| format!("What is my {who}'s favourite colour?"),
            |who| format!("Which color should I paint the room of my {who}?"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who}'s phone number is 555-01{nth:02}"),
        asked: [
            |who| format!("What's the phone number of my {who}?"),
            |who| format!("How do I reach my {who} by telephone?"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who} drives a car of type {nth}"),
        asked: [
            |who| format!("What car does my {who} drive?"),
            |who| format!("Which cars would suit my {who}?"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who}'s job is number {nth} at the harbour"),
        asked: [
            |who| format!("What is my {who}'s job?"),
            |who| format!("Which profession does my {who} have?"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who}'s dog is called Rex{nth}"),
        asked: [
            |who| format!("What is my {who}'s dog called?"),
            |who| format!("I need a name tag for the dog of my {who}"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who} lives in house {nth} by the river"),
        asked: [
            |who| format!("Where does my {who} live?"),
            |who| format!("Describe the home of my {who}"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who}'s shoe size is {}", 36 + nth),
        asked: [
            |who| format!("What shoe size does my {who} have?"),
            |who| format!("I want to buy shoes for my {who}"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who} is allergic to plant {nth}"),
        asked: [
            |who| format!("What is my {who} allergic to?"),
            |who| format!("Does my {who} have an allergy?"),
        ],
    },
    Kind {
        said: |who, nth| format!("my {who} takes the train at 7:{nth:02}"),
        asked: [
            |who| format!("Which train does my {who} take?"),
            |who| format!("At what time should I meet my {who} before the train?"),
        ],
    },
];

const JAPANESE: [Kind; 10] = [
    Kind {
        said: |who, nth| format!("{who}の誕生日は六月{}日だ", nth + 1),
        asked: [
            |who| format!("{who}の誕生日はいつ？"),
            |who| format!("{who}が生まれたのは何日だっけ"),
        ],
    },
    Kind {
        said: |who, nth| format!("{who}の好きな色は第{nth}色"),
        asked: [
            |who| format!("{who}の好きな色は何？"),
            |who| format!("{who}の部屋を塗るなら何色がいい？"),
        ],
    },
    Kind {
        said: |who, nth| format!("{who}の電話番号は090-{nth:04}"),
        asked: [|who| format!("{who}の電話番号を教えて"), |who| format!("{who}に電話をかけたい")],
    },
    Kind {
        said: |who, nth| format!("{who}の車は{nth}号車"),
        asked: [
            |who| format!("{who}の車は何？"),
            |who| format!("{who}が乗っている自動車の種類は？"),
        ],
    },
    Kind {
        said: |who, nth| format!("{who}の仕事は港の{nth}番の係"),
        asked: [|who| format!("{who}の仕事は何？"), |who| format!("{who}の職業を知りたい")],
    },
    Kind {
        said: |who, nth| format!("{who}の犬の名前はポチ{nth}"),
        asked: [|who| format!("{who}の犬の名前は？"), |who| format!("{who}の犬を何と呼べばいい？")],
    },
    Kind {
        said: |who, nth| format!("{who}は川沿いの{nth}番地に住んでいる"),
        asked: [
            |who| format!("{who}はどこに住んでいる？"),
            |who| format!("{who}の住まいについて教えて"),
        ],
    },
    Kind {
        said: |who, nth| format!("{who}の靴のサイズは{}センチ", 22 + nth),
        asked: [|who| format!("{who}の靴のサイズは？"), |who| format!("{who}に靴を買いたい")],
    },
    Kind {
        said: |who, nth| format!("{who}は{nth}番の花のアレルギーだ"),
        asked: [
            |who| format!("{who}のアレルギーは？"),
            |who| format!("{who}に花を贈っても大丈夫？"),
        ],
    },
    Kind {
        said: |who, nth| format!("{who}は七時{nth}分の電車に乗る"),
        asked: [
            |who| format!("{who}が乗る電車は？"),
            |who| format!("駅で{who}に会うには何時の電車？"),
        ],
    },
];

/// Questions that no fact bears on.
const ELSEWHERE: [&str; 24] = [
    "What is the capital of France?",
    "How do I boil an egg?",
    "Explain quantum entanglement in one sentence.",
    "Write a haiku about autumn.",
    "Why is the sky blue?",
    "Which planet is the largest?",
    "How many bytes are in a kibibyte?",
    "Thanks, that was helpful!",
    "Can you translate good morning into Spanish?",
    "Who painted the Mona Lisa?",
    "What does HTTP 404 mean?",
    "Give me three tips for better sleep.",
    "フランスの首都はどこですか",
    "ゆで卵の作り方を教えてください",
    "秋の俳句を詠んで",
    "空が青いのはなぜ？",
    "一番大きな惑星は？",
    "ありがとう、助かりました！",
    "富士山の高さは何メートル？",
    "おはようをスペイン語で言うと？",
    "相対性理論を一文で説明して",
    "円周率とは何ですか",
    "おすすめの旅行先は？",
    "パソコンが起動しないときはどうすればいい？",
];

/// A fact of the suite.
struct Planted {
    text: String,
    /// The same with another ending, as it is said later.
    later: String,
    asked: [String; 2],
}

fn planted() -> Vec<Planted> {
    let mut planted = Vec::new();
    for (nth, (english, japanese)) in WHO.iter().enumerate() {
        for (kinds, who) in [(&ENGLISH, english), (&JAPANESE, japanese)] {
            for kind in kinds {
                let (text, later) = ((kind.said)(who, nth), (kind.said)(who, nth + 20));
                planted.push(Planted {
                    text,
                    later,
                    asked: [(kind.asked[0])(who), (kind.asked[1])(who)],
                });
            }
        }
    }
    // Neighbours in the list are said far apart.
    let apart = |index: usize| index * 37 % 200;
    let mut mixed: Vec<(usize, Planted)> = planted.into_iter().enumerate().collect();
    mixed.sort_by_key(|(index, _)| apart(*index));
    mixed.into_iter().map(|(_, planted)| planted).collect()
}

/// A person who has said everything, five facts in each of forty sessions with other questions between.
fn told(planted: &[Planted]) -> World {
    let mut world = World::new();
    for (session, facts) in planted.chunks(5).enumerate() {
        world.now.0 += DAY_MS;
        for (index, fact) in facts.iter().enumerate() {
            let is_english = fact.text.is_ascii();
            world.ask(&if is_english {
                format!("Please remember that {}.", fact.text)
            } else {
                format!("{}と覚えておいて", fact.text)
            });
            world.ask(ELSEWHERE[(session + index) % ELSEWHERE.len()]);
        }
    }
    world
}

/// Returns how many in a thousand are found, by the way of asking.
fn recall_at_8(world: &mut World, planted: &[Planted], way: usize) -> usize {
    let mut found = 0;
    for fact in planted {
        let facts = world.ask(&fact.asked[way]);
        assert!(facts.len() <= MAX_RECALLED);
        found += usize::from(facts.contains(&fact.text));
    }
    found * 1_000 / planted.len()
}

#[test]
fn what_was_said_is_found_again() {
    let planted = planted();
    let mut world = told(&planted);
    assert_eq!((world.known().len(), planted.len()), (200, 200));
    let same = recall_at_8(&mut world, &planted, 0);
    let other = recall_at_8(&mut world, &planted, 1);
    assert!(same >= 990, "{same}");
    assert!(other >= 900, "{other}");
}

#[test]
fn the_fact_itself_comes_first() {
    let planted = planted();
    let mut world = told(&planted);
    let first = |fact: &&Planted| world.ask(&fact.asked[0]).first() == Some(&fact.text);
    let firsts = planted.iter().filter(first).count();
    assert!(firsts >= 190, "{firsts}");
}

#[test]
fn where_nothing_was_said_nothing_is_found() {
    let mut world = told(&planted());
    let mut wrong: Vec<&str> = Vec::new();
    for question in ELSEWHERE {
        if !world.ask(question).is_empty() {
            wrong.push(question);
        }
    }
    assert!(wrong.len() <= 1, "{wrong:?}");
    let mut nobody = World::new();
    assert!(ELSEWHERE.iter().all(|question| nobody.ask(question).is_empty()));
}

#[test]
fn the_newest_wins_for_every_fact_that_was_said_again() {
    let planted = planted();
    let mut world = told(&planted);
    let mut won = 0;
    let mut said_again = 0;
    for fact in planted.iter().filter(|fact| subject::of(&fact.text).is_some()) {
        said_again += 1;
        world.ask(&format!("Remember that {}", fact.later));
        let found = world.ask(&fact.asked[0]);
        let wins = found.contains(&fact.later) && !found.contains(&fact.text);
        won += usize::from(wins);
    }
    assert!(said_again >= 110, "{said_again}");
    assert_eq!(won, said_again);
}

#[test]
fn what_is_forgotten_is_never_found_again() {
    let planted = planted();
    let mut world = told(&planted);
    for fact in planted.iter().step_by(4) {
        let listed = world.list().facts;
        let id = listed.iter().find(|listed| listed.text == fact.text).unwrap().id;
        world.forget(Request::Forget { id });
    }
    for (index, fact) in planted.iter().enumerate() {
        let is_kept = index % 4 != 0;
        let found = world.ask(&fact.asked[0]).contains(&fact.text);
        assert!(is_kept || !found, "{}", fact.text);
        assert_eq!(world.dump().contains(&format!("{:?}", fact.text)), is_kept, "{}", fact.text);
    }
}
