//! Names that stay as they are, and names that are changed into ones that Discord accepts.

use super::*;

/// What Discord does with a name, written apart from the code above.
fn refused(name: &str) -> Option<&'static str> {
    let invisible = |c: &char| {
        let n = u32::from(*c);
        let formats = [(0xad, 0xad), (0x200b, 0x200f), (0x202a, 0x202e), (0x2060, 0x206f)];
        let more = [(0xfe00, 0xfe0f), (0xfeff, 0xfeff), (0xe0000, 0xe0fff), (0x300, 0x36f)];
        let blank = [(0x115f, 0x1160), (0x2800, 0x2800), (0x3164, 0x3164), (0xffa0, 0xffa0)];
        let all = formats.iter().chain(&more).chain(&blank);
        all.into_iter().any(|(from, to)| (*from..=*to).contains(&n))
    };
    let alphabets = [
        "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ",
        "ⓐⓑⓒⓓⓔⓕⓖⓗⓘⓙⓚⓛⓜⓝⓞⓟⓠⓡⓢⓣⓤⓥⓦⓧⓨⓩ",
        "𝐚𝐛𝐜𝐝𝐞𝐟𝐠𝐡𝐢𝐣𝐤𝐥𝐦𝐧𝐨𝐩𝐪𝐫𝐬𝐭𝐮𝐯𝐰𝐱𝐲𝐳",
        "𝙰𝙱𝙲𝙳𝙴𝙵𝙶𝙷𝙸𝙹𝙺𝙻𝙼𝙽𝙾𝙿𝚀𝚁𝚂𝚃𝚄𝚅𝚆𝚇𝚈𝚉",
    ];
    let plain = |c: char| {
        let place = alphabets.iter().find_map(|letters| letters.chars().position(|l| l == c));
        place.map_or(c, |place| char::from(b'a' + u8::try_from(place).unwrap()))
    };
    let shown: String = name.chars().filter(|c| !invisible(c)).collect();
    let folded: String = shown.to_lowercase().chars().map(plain).collect();
    match folded.trim() {
        _ if name.chars().count() > 80 => Some("long"),
        _ if name.chars().any(|c| c.is_control() || (0x202a..=0x202e).contains(&u32::from(c))) => {
            Some("control")
        }
        "" => Some("empty"),
        "here" | "everyone" | "@here" | "@everyone" => Some("mention"),
        folded if folded.contains("discord") => Some("discord"),
        folded if folded.contains("clyde") => Some("clyde"),
        _ if name.trim() != name || name.contains("  ") => Some("would be trimmed"),
        _ => None,
    }
}

fn check(name: &str, expected: &str) {
    let accepted = acceptable_username(name);
    assert_eq!(accepted, expected, "{name:?}");
    assert_eq!(refused(&accepted), None, "{name:?} became {accepted:?}");
    assert_eq!(acceptable_username(&accepted), accepted, "twice: {name:?}");
}

#[test]
fn leaves_ordinary_names_alone() {
    for name in [
        "a",
        "雅",
        "Zoë",
        "José María",
        "👩‍💻 dev",
        "❤️‍🔥",
        "👍🏽",
        "🇯🇵",
        "1️⃣",
        "می‌خواهم",
        "क्‍ष",
        "葛\u{e0100}",
        "Nguyễn Văn A",
        "ノ(ツ)",
        "@home",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "there",
        "Sphere",
        "everyone else",
        "disc ord",
        "Clive",
        "สวัสดี",
        "e\u{301}",
    ] {
        check(name, name);
    }
}

#[test]
fn disguises_refused_words() {
    check("discord", "disc\u{43e}rd");
    check("xXDISCORDXx", "xXDISC\u{41e}RDXx");
    check("Clyde", "Clyd\u{435}");
    check("CLYDE", "CLYD\u{415}");
    check("clydeclyde", "clyd\u{435}clyd\u{435}");
    check("DiscordClydeDiscord", "Disc\u{43e}rdClyd\u{435}Disc\u{43e}rd");
}

#[test]
fn disguises_refused_words_in_fancy_letters() {
    check("ｄｉｓｃｏｒｄ", "ｄｉｓｃ\u{43e}ｒｄ");
    check("𝐝𝐢𝐬𝐜𝐨𝐫𝐝", "𝐝𝐢𝐬𝐜\u{43e}𝐫𝐝");
    check("ⓒⓛⓨⓓⓔ", "ⓒⓛⓨⓓ\u{435}");
    check("ᵈⁱˢᶜᵒʳᵈ", "ᵈⁱˢᶜ\u{43e}ʳᵈ");
    check("d\u{200b}is\u{ad}cord", "disc\u{43e}rd");
    check("dis\u{200d}cord\u{fe0f}", "disc\u{43e}rd");
    check("ｄ\u{200d}ｉｓｃｏｒｄ", "ｄ\u{200d}ｉｓｃ\u{43e}ｒｄ");
}

#[test]
fn disguises_mentions_of_all_only_as_the_whole_name() {
    check("here", "h\u{435}re");
    check("HERE", "H\u{415}RE");
    check(" @Everyone ", "@\u{415}veryone");
    check("ｈｅｒｅ", "ｈ\u{435}ｒｅ");
    check("h\u{200b}ere", "h\u{435}re");
    check("here I am", "here I am");
}

#[test]
fn names_the_invisible_someone() {
    for name in [
        "",
        " ",
        "\n\t",
        "\u{200b}",
        "\u{3164}",
        "\u{2800}\u{2800}",
        "\u{200d}\u{fe0f}",
        "\u{e0041}\u{e007f}",
        "\u{301}\u{302}",
        "\u{115f}\u{1160}\u{ffa0}",
        "\u{202e}",
        "\u{feff}\u{ad}",
        "\u{0}\u{7f}",
        "\u{34f}",
    ] {
        check(name, FALLBACK_NAME);
    }
}

#[test]
fn keeps_the_line_in_order() {
    check("a\u{202e}b\u{2066}c", "abc");
    check("a\r\nb\t c\u{0}d", "a b c d");
    check("  a \u{3000}\u{3164} b  ", "a b");
}

#[test]
fn limits_stacked_marks() {
    let zalgo = format!("z{}a", "\u{30d}".repeat(40));
    check(&zalgo, &format!("z{}a", "\u{30d}".repeat(4)));
    check("ก็็็็็็็็", "ก็็็็");
}

#[test]
fn cuts_at_eighty_code_points_between_graphemes() {
    check(&"雅".repeat(81), &"雅".repeat(80));
    check(&format!("{}👩‍💻", "a".repeat(78)), &"a".repeat(78));
    check(&format!("{} b", "a".repeat(79)), &"a".repeat(79));
    check(&"👨\u{200d}".repeat(60), &format!("{}👨", "👨\u{200d}".repeat(39)));
}

#[test]
fn is_never_refused() {
    let pieces = [
        "discord",
        "Dis",
        "cord",
        "CLY",
        "de",
        "clyde",
        "here",
        "HERE",
        "every",
        "one",
        "@",
        " ",
        "\u{3000}",
        "\n",
        "\u{200b}",
        "\u{200d}",
        "\u{200c}",
        "\u{202e}",
        "\u{fe0f}",
        "\u{3164}",
        "\u{2800}",
        "\u{301}",
        "\u{30d}\u{30d}\u{30d}",
        "ｄｉｓ",
        "ｃｏｒｄ",
        "𝐝",
        "𝐢𝐬",
        "ⓒⓞ",
        "👩",
        "👨‍👩‍👧",
        "🏴",
        "\u{e0067}",
        "\u{e007f}",
        "雅",
        "a",
        "\u{34f}",
        "1",
        "\u{20e3}",
        "𝙳𝙸",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    let mut seed = 3_u64;
    let mut roll = |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % sides
    };
    for _ in 0..1000 {
        let name: String = (0..roll(12)).map(|_| pieces[roll(pieces.len())]).collect();
        let accepted = acceptable_username(&name);
        assert_eq!(refused(&accepted), None, "{name:?} became {accepted:?}");
        assert_eq!(acceptable_username(&accepted), accepted, "twice: {name:?}");
    }
}
