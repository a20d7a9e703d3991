//! The fixed data of the emulated WhatsApp: one business account with one number, three people, one group, a template
//! in two languages.
//!
//! The ids of account and number are those of Meta's own examples. The secrets are valid at the lab only.

use serde_json::{Map, Value, json};

/// Version of the Graph API.
pub(crate) const VERSION: &str = "v23.0";
/// Id of the business account (WABA), of its number, and of the app.
pub(crate) const BUSINESS_ID: &str = "102290129340398";
pub(crate) const PHONE_NUMBER_ID: &str = "106540352242922";
pub(crate) const APP_ID: &str = "670843887433847";
/// The number itself, as webhooks have it.
pub(crate) const NUMBER: &str = "15550783881";
/// Name of the business.
pub(crate) const BUSINESS_NAME: &str = "Miyabi's lab";
/// Token of a system user, in the form that Meta gives out.
pub(crate) const ACCESS_TOKEN: &str = "EAALab0token0that0opens0nothing0else";
/// What the lab signs its requests with.
pub(crate) const APP_SECRET: &str = "1ab0a99500000000000000000000c0de";
/// What the operator has told the app, and which the lab sends when it verifies the webhook.
pub(crate) const VERIFY_TOKEN: &str = "lab-verify-token-that-opens-nothing-else";

/// What the token was granted, and which kinds of calls want it.
pub(crate) const MESSAGING: &str = "whatsapp_business_messaging";
pub(crate) const MANAGEMENT: &str = "whatsapp_business_management";
pub(crate) const SCOPES: [&str; 2] = [MANAGEMENT, MESSAGING];

/// A person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    /// What the lab calls them.
    pub(crate) name: &'static str,
    /// Name of the profile.
    pub(crate) profile: &'static str,
    /// Their number, which is their `wa_id`. Who has chosen a name in its place shows none.
    pub(crate) number: Option<&'static str>,
    /// Their id within the business (BSUID).
    pub(crate) user_id: Option<&'static str>,
    pub(crate) username: Option<&'static str>,
    /// Language of their telephone, of which the business is not told.
    language: &'static str,
}

/// Mio has a number, Alex a number and an id, Sora shows no number.
pub(crate) const PEOPLE: [Person; 3] = [
    Person {
        name: "mio",
        profile: "みお",
        number: Some("819012345678"),
        user_id: None,
        username: None,
        language: "ja",
    },
    Person {
        name: "alex",
        profile: "Alex",
        number: Some("16505551234"),
        user_id: Some("US.13491208655302741918"),
        username: None,
        language: "en",
    },
    Person {
        name: "sora",
        profile: "Sora",
        number: None,
        user_id: Some("JP.71800000000000000503"),
        username: Some("sora.lab"),
        language: "ja",
    },
];

/// Name and id of the group, in which Mio and Alex are.
pub(crate) const GROUP: &str = "friends";
pub(crate) const GROUP_ID: &str = "Y2FwaV9ncm91cDoxNTU1MDc4Mzg4MToxMjAzNjMwNDA0Njk0MjMzODIwZD";

/// A conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chat {
    With(Person),
    Group,
}

impl Chat {
    /// What the lab calls it: the name of its person, or of the group.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::With(person) => person.name,
            Self::Group => GROUP,
        }
    }

    /// Whether a person is in it.
    pub(crate) fn has(self, person: Person) -> bool {
        match self {
            Self::With(only) => only == person,
            Self::Group => person.number.is_some(),
        }
    }

    /// Number of the people who get a message there.
    pub(crate) fn people(self) -> usize {
        PEOPLE.into_iter().filter(|person| self.has(*person)).count()
    }
}

/// Person by name.
pub(crate) fn person(name: &str) -> Option<Person> {
    PEOPLE.into_iter().find(|person| person.name == name)
}

/// Chat by the lab's name.
pub(crate) fn chat(label: &str) -> Option<Chat> {
    chats().find(|chat| chat.label() == label)
}

/// All chats.
pub(crate) fn chats() -> impl Iterator<Item = Chat> {
    PEOPLE.into_iter().map(Chat::With).chain([Chat::Group])
}

/// A template in a language, with a text that has as many places as it wants parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Template {
    id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    pub(crate) body: &'static str,
}

/// The templates.
pub(crate) const TEMPLATES: [Template; 3] = [
    Template {
        id: "718000000000001",
        name: "miyabi_reminder",
        language: "en_US",
        body: "You asked to be reminded: {{1}}",
    },
    Template {
        id: "718000000000002",
        name: "miyabi_reminder",
        language: "ja",
        body: "リマインダーです: {{1}}",
    },
    Template { id: "718000000000003", name: "hello_world", language: "en_US", body: "Hello World" },
];

impl Template {
    /// Its name and language, as the Worker's setting has them.
    pub(crate) fn label(self) -> String {
        format!("{}/{}", self.name, self.language)
    }

    /// Number of the parameters that it wants.
    pub(crate) fn places(self) -> usize {
        self.body.matches("{{").count()
    }

    /// As `message_templates` lists it.
    pub(crate) fn to_json(self, is_paused: bool) -> Value {
        let mut body = json!({ "type": "BODY", "text": self.body });
        if self.places() > 0 {
            body["example"] = json!({ "body_text": [["Take the pizza out"]] });
        }
        json!({
            "id": self.id, "name": self.name, "language": self.language, "category": "UTILITY",
            "status": if is_paused { "PAUSED" } else { "APPROVED" }, "components": [body],
            "parameter_format": "POSITIONAL",
        })
    }
}

/// WhatsApp's part of `GET /lab/world`, secrets included.
pub(crate) fn describe(base: &str) -> Value {
    let user = |person: Person| {
        json!({
            "name": person.profile, "wa_id": person.number, "user_id": person.user_id,
            "username": person.username, "language": person.language,
        })
    };
    let users = PEOPLE.into_iter().map(|person| (person.name.to_owned(), user(person)));
    let [reminder, ..] = TEMPLATES;
    json!({ "whatsapp": {
        "base": format!("{base}/whatsapp/{VERSION}"), "access_token": ACCESS_TOKEN,
        "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "app_id": APP_ID,
        "business_account_id": BUSINESS_ID, "phone_number_id": PHONE_NUMBER_ID,
        "display_phone_number": NUMBER, "template": reminder.label(),
        "users": users.collect::<Map<_, _>>(), "groups": { GROUP: { "id": GROUP_ID } },
    } })
}
