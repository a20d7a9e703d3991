//! Nobody is taken for somebody else, and Discord takes every name.

use miyabi_testing::fuzz::Numbers;

use super::*;

fn asker(name: &str, handle: &str) -> Asker {
    Asker {
        id: "80351110224678912".to_owned(),
        name: name.to_owned(),
        handle: handle.to_owned(),
        avatar_url: String::new(),
    }
}

/// What Discord does with a name, written apart from the code above.
fn refused(name: &str) -> Option<&'static str> {
    let folded = name.to_lowercase();
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

/// Compares what a display name becomes beside the handle `mio_art`; `None` for the handle alone.
fn check(name: &str, display: Option<&str>) {
    let posted = posted_name(&asker(name, "mio_art"));
    match display {
        Some(display) => assert_eq!(posted, format!("{display} (@mio_art)"), "{name:?}"),
        None => assert_eq!(posted, "@mio_art", "{name:?}"),
    }
    assert_eq!(refused(&posted), None, "{name:?} became {posted:?}");
    assert_eq!(clean(&clean(name)), clean(name), "twice: {name:?}");
}

#[test]
fn an_ordinary_name_stays_as_it_is_and_has_the_handle_behind_it() {
    for name in [
        "a",
        "雅",
        "みお",
        "Zoë",
        "José María",
        "👍🏽",
        "🇯🇵",
        "Nguyễn Văn A",
        "ノ(ツ)",
        "there",
        "Sphere",
        "everyone else",
        "disc ord",
        "Clive",
        "สวัสดี",
        "e\u{301}",
        "Miyabi Sato",
        "Miyabi Tanaka",
        "Miyabi-chan",
        "Hanna",
        "Mississippi",
        "A. B. C.",
        "M",
        "Miya",
        "Mia B",
        "雅 (みやび)",
    ] {
        check(name, Some(name));
    }
}

/// Spellings of the assistant's name.
#[rustfmt::skip]
const SPELLINGS: &[&str] = &[
    "Miyabi", "miyabi", "MIYABI", " Miyabi ", "M i y a b i", "М\u{456}\u{443}а\u{44c}\u{456}",
    "Miуаbi", "Miyаbi", "Μιγαβι", "Ｍｉｙａｂｉ", "𝐌𝐢𝐲𝐚𝐛𝐢", "𝓜𝓲𝔂𝓪𝓫𝓲", "𝙼𝚒𝚢𝚊𝚋𝚒", "Ⓜⓘⓨⓐⓑⓘ", "🅼🅸🆈🅰🅱🅸",
    "🄼🄸🅈🄰🄱🄸", "ᴍɪʏᴀʙɪ", "ᵐⁱʸᵃᵇⁱ", "M\u{34f}iyabi", "Mi\u{200b}yabi", "Mi\u{200d}yabi",
    "Mi\u{ad}yabi", "Miyabi\u{fe0f}", "Miyabi\u{e0041}", "\u{202e}Miyabi",
    "\u{2066}Miyabi\u{2069}", "Mi\u{180e}yabi", "Miyabi\u{3164}", "Míyàbi",
    "M\u{336}i\u{336}y\u{336}a\u{336}b\u{336}i\u{336}", "rniyabi", "Mlyabl", "M1yab1", "M|yab|",
    "Mıyabı", "Miya8i", "Miy4bi", "Miyabi ✓", "Miyabi!", "M!yab!", "M!yabi!", "Miyabi™", "Miyabi 🇯🇵", "🤖 Miyabi 🤖", "Miyabi ①",
    "🇲🇮🇾🇦🇧🇮", "|Miyabi|", "✨Miyabi✨", "[Miyabi]", "Miyabi.", "_Miyabi_",
    "@Miyabi", "Miyabi (bot)", "Miyabi BOT", "Miyabi AI", "Miyabi APP", "Official Miyabi",
    "The Miyabi", "Ꮇiyabi", "ꓟiyabi", "ⅿiyabi", "Miyɑbi", "Miyaƅi", "Miуabi", "Мiyabi",
    "Miyaьi", "Miyaъi", "Miyaþi", "Miyab丨", "Mㅣyabㅣ", "Miyabǃ", "Miyab❘", "⒨⒤⒴⒜⒝⒤", "🄜🄘🄨🄐🄑🄘", "ᗰIYᗩᗷI",
    "Ⲙⲓⲩⲁⲃⲓ", "Miiyabi", "Miyabbii", "MM\u{200d}iyabi", "Mi\u{200d}i\u{200d}yabi", "IVIiyabi", "nniyabi",
    "|\\/|iyabi", "/\\/\\iyabi", "Miyabi Miyabi", "Miyabi the Bot", "The Official Miyabi App", "Miyabi v2",
    "Miyabi AI 2.0", "Miyabi Support", "Miyabi Staff", "Miyabi Admin", "Verified Miyabi ✅", "xX_Miyabi_Xx",
    "lMiyabi", "MiyabiI", "miyabi.ai.bot", "Miyabi（雅）", "雅 (Miyabi)", "Miyabi 公式", "MiyabiGPT",
    "This is Miyabi", "Miyabi Miyabi Miyabi BOT", "M.i.y.a.b.i", "M_i_y_a_b_i", "Miyabi\u{e000}", "ᎷᏆᎩᎪᏴᏆ",
];

#[test]
fn the_assistants_name_is_shown_to_nobody_in_any_spelling() {
    for name in SPELLINGS {
        check(name, None);
    }
}

#[test]
fn a_name_that_discord_refuses_is_replaced_and_not_disguised() {
    for name in [
        "discord",
        "Discord Support",
        "xXDISCORDXx",
        "Clyde",
        "CLYDE",
        "DiscordClydeDiscord",
        "ｄｉｓｃｏｒｄ",
        "𝐝𝐢𝐬𝐜𝐨𝐫𝐝 staff",
        "ⓒⓛⓨⓓⓔ",
        "ᵈⁱˢᶜᵒʳᵈ",
        "d\u{200b}is\u{ad}cord",
        "Disc\u{43e}rd Support",
        "D1SC0RD",
        "Clyd\u{435}",
        "D i s c o r d",
        "d.i.s.c.o.r.d",
        "D-I-S-C-O-R-D !",
        "Disscord Support",
        "c l y d e",
        "Dis-cord Support",
        "Dis.cord",
        "dis|cord",
        "ᗪISᑕOᖇᗪ",
        "system_message",
        "SystemMessage",
        "Clydе\u{301}",
        "Сlуdе",
        "Sуstem\u{a0}Message",
        "System\u{200b} Message",
        "system   message",
        "a`\u{200b}``",
        "System Message",
        "here",
        "HERE",
        " @Everyone ",
        "ｈｅｒｅ",
        "h\u{200b}ere",
        "h\u{435}re",
        "Here!",
        "★ everyone ★",
        "```",
    ] {
        check(name, None);
    }
}

#[test]
fn a_handle_is_not_to_be_typed() {
    check("Admin (@admin)", Some("Admin (admin)"));
    check("Admin (＠admin)", Some("Admin (admin)"));
    check("@home", Some("home"));
    check("@", None);
}

#[test]
fn an_admins_name_is_told_from_the_admins() {
    let (admin, other) = (asker("Yuki", "yuki"), asker("Yuki", "yuki_"));
    assert_ne!(posted_name(&admin), posted_name(&other));
}

#[test]
fn an_invisible_name_leaves_the_handle() {
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
        check(name, None);
        assert!(shows_nothing(name) || name.contains('\u{301}'), "{name:?}");
    }
}

#[test]
fn nothing_hides_in_a_name() {
    check("a\u{202e}b\u{2066}c", Some("abc"));
    check("a\r\nb\t c\u{0}d", Some("a b c d"));
    check("  a \u{3000}\u{3164} b  ", Some("a b"));
    check("👩\u{200d}💻 dev", Some("👩💻 dev"));
    check("葛\u{e0100}", Some("葛"));
    for c in ('\0'..=char::MAX).filter(|c| is_default_ignorable(*c)) {
        assert!(!clean(&format!("a{c}b")).contains(c), "{c:?}");
    }
}

#[test]
fn stacked_marks_are_limited() {
    let zalgo = format!("z{}a", "\u{30d}".repeat(40));
    check(&zalgo, Some(&format!("z{}a", "\u{30d}".repeat(4))));
    check("ก็็็็็็็็", Some("ก็็็็"));
}

#[test]
fn a_long_name_is_cut_between_graphemes_and_the_handle_stays() {
    let room = 80 - " (@mio_art)".len();
    check(&"雅".repeat(81), Some(&"雅".repeat(room)));
    check(&format!("{}e\u{301}", "a".repeat(room - 1)), Some(&"a".repeat(room - 1)));
    check(&format!("{} b", "a".repeat(room - 1)), Some(&"a".repeat(room - 1)));
    let longest = "h".repeat(32);
    let posted = posted_name(&asker(&"雅".repeat(81), &longest));
    assert!(posted.ends_with(&format!(" (@{longest})")) && posted.chars().count() == 80);
}

#[test]
fn the_id_stands_where_no_handle_can() {
    for handle in [
        "",
        "miyabi",
        "m1yabi",
        "miyabi_official",
        "the.miyabi.bot",
        "miyabii",
        "rniyabi",
        "discord_fan",
        "clyde",
        "here",
        "a b",
        "ad\u{200b}min",
        "雅",
    ] {
        let posted = posted_name(&asker("みお", handle));
        assert_eq!(posted, "みお (80351110224678912)", "{handle}");
        let posted = posted_name(&asker("Miyabi", handle));
        assert_eq!(posted, "Someone (80351110224678912)", "{handle}");
    }
    let nobody = |name| Asker { id: String::new(), ..asker(name, "") };
    assert_eq!(posted_name(&nobody("みお")), "みお");
    assert_eq!(posted_name(&nobody("Miyabi")), FALLBACK_NAME);
    assert_eq!(numbered_name(&nobody("みお")), FALLBACK_NAME);
}

#[test]
fn a_post_is_known_by_what_its_asker_cannot_choose() {
    let mio = asker("みお", "mio_art");
    for (posted, expected) in [
        ("みお (@mio_art)", true),
        ("Renamed (@mio_art)", true),
        ("@mio_art", true),
        ("Someone (80351110224678912)", true),
        ("みお (@mio)", false),
        ("みお", false),
        ("Miyabi", false),
        ("みお (@mio_artist)", false),
    ] {
        assert_eq!(is_of(posted, &mio), expected, "{posted}");
    }
    let unknown = asker("みお", "");
    assert!(is_of(&posted_name(&unknown), &unknown) && !is_of("みお (@mio_art)", &unknown));
    let nobody = Asker { id: String::new(), ..unknown };
    assert!(is_of("anything", &nobody) && !is_of(ASSISTANT, &nobody));
}

/// Pieces of hostile names.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "discord", "Dis", "cord", "CLY", "de", "clyde", "here", "HERE", "every", "one", "@", " ",
    "\u{3000}", "\n", "\u{200b}", "\u{200d}", "\u{202e}", "\u{fe0f}", "\u{3164}", "\u{2800}",
    "\u{301}", "\u{30d}\u{30d}\u{30d}", "ｄｉｓ", "ｃｏｒｄ", "𝐝", "𝐢𝐬", "ⓒⓞ", "👩", "👨‍👩‍👧", "雅", "a",
    "\u{34f}", "1", "\u{20e3}", "𝙳𝙸", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Mi", "ya", "bi", "М",
    "ｙａ", "(", ")", "Miyabi",
];

#[test]
fn no_name_is_refused_and_none_reads_like_the_assistants() {
    let mut numbers = Numbers::new(3);
    for _ in 0..1000 {
        let count = numbers.below(12);
        let name = numbers.text(PIECES, count);
        let posted = posted_name(&asker(&name, "mio_art"));
        assert_eq!(refused(&posted), None, "{name:?} became {posted:?}");
        assert!(posted.ends_with("(@mio_art)") || posted == "@mio_art", "{posted:?}");
        let shown = posted.strip_suffix(" (@mio_art)").unwrap_or_default();
        assert_ne!(letters(shown), letters(ASSISTANT), "{name:?}");
    }
}
