use super::*;
use miyabi_core::i18n::Language;
use miyabi_testing::{Fake, run, settings, wherever_it_dies};

const SERVER: &str = "8";

fn inquiry(event: &str, wish: Wish) -> Inquiry {
    Inquiry {
        server: Some(SERVER.to_owned()),
        person: "5".to_owned(),
        event: event.to_owned(),
        language: Language::English,
        wish,
    }
}

fn looked(world: &Fake, event: &str, wish: Wish) -> Result<Panel, &'static str> {
    run(look(world, &settings(), &inquiry(event, wish))).unwrap()
}

fn changed(world: &Fake, event: &str, seen: u64, change: Change) -> Panel {
    looked(world, event, Wish::Change(seen, change)).unwrap()
}

fn shown(world: &Fake) -> Panel {
    looked(world, "0", Wish::Show).unwrap()
}

fn form(persona: &str, day_limit: &str, budget: &str) -> Change {
    Change::Form {
        persona: persona.to_owned(),
        day_limit: day_limit.to_owned(),
        budget: budget.to_owned(),
    }
}

#[test]
fn each_change_is_a_version_that_says_who_made_it() {
    let world = Fake::new();
    assert_eq!(shown(&world), Panel::default());
    let panel = changed(&world, "1", 0, Change::Quotes(true));
    assert!((panel.version, panel.settings.quotes, panel.note) == (1, true, None), "{panel:?}");
    let panel = changed(&world, "2", 1, form(" Tea. ", "3", "2.5"));
    let ServerSettings { persona, day_limit, budget_nano, quotes, .. } = &panel.settings;
    assert_eq!((persona.as_str(), *quotes), ("Tea.", true));
    assert_eq!((*day_limit, *budget_nano), (Some(3), Some(2_500_000_000)));
    let made: Vec<_> =
        panel.entries.iter().map(|it| (it.version, it.part.as_str(), it.by.as_str())).collect();
    assert_eq!(made, [(2, "persona", "5"), (1, "questions", "5")]);
    assert_eq!(shown(&world), panel);
    let other = run(of(&world, "9")).unwrap().unwrap();
    assert_eq!(other, ServerSettings::default(), "another server");
}

#[test]
fn what_was_seen_before_another_change_changes_nothing_and_the_same_event_changes_once() {
    let world = Fake::new();
    let first = changed(&world, "1", 0, Change::Forgets(true));
    let stale = changed(&world, "2", 0, Change::Quotes(true));
    assert_eq!(stale, Panel { note: Some(words::CHANGED_MEANWHILE), ..first.clone() });
    assert_eq!(changed(&world, "1", 0, Change::Forgets(true)), first, "the same event again");
    assert_eq!(changed(&world, "3", 1, Change::Forgets(true)), first, "it is so already");
    assert_eq!(changed(&world, "4", 9, Change::Undo).note, Some(words::CHANGED_MEANWHILE));
}

#[test]
fn changes_are_undone_one_after_another_and_an_undone_one_is_not_undone_again() {
    let world = Fake::new();
    for (version, language) in
        [Some(Language::Japanese), Some(Language::English), None].into_iter().enumerate()
    {
        let version = u64::try_from(version).unwrap();
        changed(&world, &format!("c{version}"), version, Change::Language(language));
    }
    let undo = |event: &str, seen| changed(&world, event, seen, Change::Undo);
    assert_eq!(undo("u1", 3).settings.language, Some(Language::English));
    assert_eq!(undo("u1", 3).version, 4, "the same event again");
    assert_eq!(undo("u2", 4).settings.language, Some(Language::Japanese));
    let panel = changed(&world, "c9", 5, Change::Quotes(true));
    assert!(panel.settings.quotes && panel.version == 6);
    let panel = undo("u3", 6);
    assert_eq!((panel.settings.language, panel.settings.quotes), (Some(Language::Japanese), false));
    let panel = undo("u4", 7);
    assert_eq!((panel.settings, panel.can_undo), (ServerSettings::default(), false));
    assert_eq!(undo("u5", 8).version, 8, "there is nothing left to undo");
}

#[test]
fn a_setting_only_narrows_what_the_operator_allows() {
    let world = Fake::new();
    let chain = settings().models.first().unwrap().id.clone();
    let chosen = vec![chain.clone(), "openai/gpt-9".to_owned()];
    let panel = changed(&world, "1", 0, Change::Models(chosen));
    assert_eq!(panel.version, 0, "the whole chain is no restriction");
    let names = ["weather", "web_search", "shell"].map(ToOwned::to_owned);
    let panel = changed(&world, "2", 0, Change::Tools(names.to_vec()));
    assert_eq!(panel.settings.tools, Some(vec!["weather".to_owned()]), "no search is set up");
    let narrowed = run(shown_in(&world, &settings(), Some(SERVER))).unwrap();
    assert_eq!(tools(&narrowed), ["weather"]);
    let all = tools(&settings()).into_iter().map(ToOwned::to_owned).collect();
    assert_eq!(changed(&world, "3", 1, Change::Tools(all)).settings.tools, None);
    let narrowed = run(shown_in(&world, &settings(), None)).unwrap();
    assert_eq!(tools(&narrowed), tools(&settings()));
    let gone = vec!["openai/gpt-9".to_owned()];
    let panel = changed(&world, "4", 2, Change::Models(gone));
    assert_eq!((panel.version, panel.note), (2, Some(words::CHANGED_MEANWHILE)), "not all models");
    world.db.execute("UPDATE server_settings SET settings = '{\"no_files\":true}'", []).unwrap();
    let one = inquiry("5", Wish::Change(2, Change::Forgets(true)));
    assert!(run(look(&world, &settings(), &one)).unwrap().is_err(), "a newer version's settings");
    let versions: u32 = world
        .db
        .query_row("SELECT max(version) FROM server_settings", [], |row| row.get(0))
        .unwrap();
    assert_eq!(versions, 2);
    let gone = ServerSettings { models: vec!["@cf/gone".to_owned()], ..ServerSettings::default() };
    assert_eq!(gone.narrow(&settings(), SERVER).models.first().unwrap().id, chain);
}

#[test]
fn a_wrong_limit_changes_nothing_and_a_long_wish_is_cut() {
    let world = Fake::new();
    let panel = changed(&world, "1", 0, form("x", "many", ""));
    assert_eq!((panel.version, panel.note), (0, Some(words::WRONG_LIMIT)));
    let panel = changed(&world, "3", 0, form("x", "1", "much"));
    assert_eq!((panel.version, panel.note), (0, Some(words::WRONG_BUDGET)));
    let panel = changed(&world, "2", 0, form(&"雅".repeat(2_000), "", ""));
    assert_eq!(panel.settings.persona.chars().count(), MAX_PERSONA_CHARS);
}

#[test]
fn who_does_not_manage_the_server_sees_and_changes_nothing() {
    let world = Fake::new();
    for wish in [Wish::Show, Wish::Write, Wish::Change(0, Change::Quotes(true))] {
        let inquiry = Inquiry { server: None, ..inquiry("1", wish) };
        let refused = run(look(&world, &settings(), &inquiry)).unwrap();
        assert_eq!(refused, Err(words::NOT_YOURS.in_language(Language::English)));
    }
    assert_eq!(world.round_trips.borrow().as_slice(), []);
}

#[test]
fn a_change_is_made_once_wherever_the_program_dies() {
    wherever_it_dies(1, |death| {
        let world = Fake::new();
        world.crash_at(death.effect, death.side);
        let inquiry = inquiry("1", Wish::Change(0, Change::Quotes(true)));
        let died = run(look(&world, &settings(), &inquiry)).is_none();
        world.restart();
        let panel = run(look(&world, &settings(), &inquiry)).unwrap().unwrap();
        assert!((panel.version, panel.entries.len(), panel.note) == (1, 1, None), "{death:?}");
        died
    });
}

#[test]
fn a_database_that_fails_is_told_and_where_settings_are_only_shown_the_operators_serve() {
    let world = Fake::new();
    world.store_faults.borrow_mut().extend([NAME, "server_settings::known"]);
    assert_eq!(looked(&world, "1", Wish::Show), Err(sentence(Notice::TryAgain, Language::English)));
    assert!(matches!(world.events.borrow().first(), Some(Event::SettingsFailed { .. })));
    let shown = run(shown_in(&world, &settings(), Some(SERVER))).unwrap();
    assert_eq!(tools(&shown), tools(&settings()));
}
