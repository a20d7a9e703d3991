//! The ports of the fake world.

use core::future::{pending, poll_fn};
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use rusqlite::config::DbConfig;
use serde_json::Value;

use super::{Fake, access, mcp, public_key, slack, telegram, whatsapp};
use miyabi_core::event::Event;
use miyabi_core::fault::{EngineError, Fault, StoreError};
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{
    Ai, Cache, Clock, Conversations, Files, Http, InstanceState, Limit, Log, Queue, Random,
    RateLimits, Rows, RsaKey, Signatures, Sql, SqlValue, Statement, WaitUntil, Workflows,
};

impl Clock for Fake {
    fn now(&self) -> Millis {
        Millis(self.now.get())
    }

    async fn sleep(&self, duration: Duration) {
        // Whoever died does not wake up.
        if self.crash.get().is_some_and(|(nth, _)| self.effects.get() > nth) {
            pending::<()>().await;
        }
        self.slept.borrow_mut().push(duration);
        let duration_ms: u64 = duration.as_millis().try_into().unwrap();
        self.now.set(self.now.get() + duration_ms);
        if let Some(happens) = self.while_asleep.take()
            && !happens()
        {
            self.while_asleep.replace(Some(happens));
        }
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        (time_zone == "Asia/Tokyo").then(|| "noon in Tokyo".to_owned())
    }
}

impl Http for Fake {
    async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        self.effect(|| {
            if request.url == mcp::URL {
                return Ok(mcp::serve(request, &mut self.acts.borrow_mut()));
            }
            if request.url == access::CERTS {
                return self.certs.borrow_mut().pop_front().unwrap_or_else(|| {
                    let body = access::certs().to_string();
                    Ok(Response { status: 200, headers: Vec::new(), body })
                });
            }
            if request.url.starts_with(slack::BASE) {
                return self.slack.borrow_mut().answer(request);
            }
            if request.url.starts_with(telegram::BASE) {
                return self.telegram.borrow_mut().answer(request);
            }
            if request.url.starts_with(whatsapp::BASE) {
                return self.whatsapp.borrow_mut().answer(request);
            }
            self.discord.borrow_mut().answer(request)
        })
        .await
    }
}

impl Signatures for Fake {
    async fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let key = VerifyingKey::from_bytes(&public_key()).unwrap();
        key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    async fn is_signed_by_rsa(&self, key: &RsaKey, message: &[u8], signature: &[u8]) -> bool {
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let key = RsaPublicKeyComponents { n: number(&key.n), e: number(&key.e) };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

impl Sql for Fake {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        let mut rows = self.batch(vec![statement]).await?;
        Ok(rows.pop().unwrap())
    }

    async fn batch(&self, mut statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        self.effect(|| {
            if let Some((name, sql)) = self.sabotage.get() {
                let planted = statements.iter_mut().filter(|it| it.name == name);
                planted.for_each(|statement| statement.sql = sql);
            }
            let title = statements.last().expect("a batch of nothing").name;
            let mut faults = self.store_faults.borrow_mut();
            let is_named = |fault: &&str| statements.iter().any(|it| it.name == *fault);
            if let Some(index) = faults.iter().position(is_named) {
                faults.remove(index);
                return Err(StoreError::Failed { statement: title }.into());
            }
            let before = self.db.total_changes();
            let transaction = self.db.unchecked_transaction().unwrap();
            let run = |statement: &Statement| {
                let rows = query(&transaction, statement);
                rows.unwrap_or_else(|error| panic!("{}: {error}", statement.name))
            };
            let rows = statements.iter().map(run).collect();
            transaction.commit().unwrap();
            self.round_trips.borrow_mut().push((title, self.db.total_changes() - before));
            Ok(rows)
        })
        .await
    }
}

impl Conversations for Fake {
    async fn converse(&self, conversation: &str, command: &str) -> Result<String, Fault> {
        self.effect(|| {
            let fault = || Err(StoreError::Failed { statement: "conversation::converse" }.into());
            let faults = self.conversation_faults.get();
            self.conversation_faults.set(faults.saturating_sub(1));
            if faults > 0 && faults.is_multiple_of(2) {
                return fault();
            }
            let name = self.misnaming.get().map(|misnaming| misnaming(conversation));
            let name = name.unwrap_or_else(|| conversation.to_owned());
            let mut conversations = self.conversations.borrow_mut();
            let store = conversations.entry(name).or_default();
            let program = self.converse.get().expect("no program for conversations");
            let reply = program(store, self.now(), command);
            if faults > 0 { fault() } else { reply }
        })
        .await
    }
}

/// Statements that stay prepared: more than the program has.
const STATEMENTS: usize = 512;

/// Opens an empty database.
pub(crate) fn open() -> rusqlite::Connection {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise `SQLite` prepares a statement anew whenever values are bound by which it has planned.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
    db
}

pub(crate) fn query(db: &rusqlite::Connection, statement: &Statement) -> rusqlite::Result<Rows> {
    let mut prepared = db.prepare_cached(statement.sql)?;
    let values = statement.values.iter().map(|value| match value {
        SqlValue::Null => rusqlite::types::Value::Null,
        SqlValue::Integer(number) => rusqlite::types::Value::Integer(*number),
        SqlValue::Text(text) => rusqlite::types::Value::Text(text.clone()),
    });
    let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut object = serde_json::Map::new();
        // Only a row tells: a change of the schema since the statement was prepared counts from here on.
        let prepared: &rusqlite::Statement<'_> = row.as_ref();
        for index in 0..prepared.column_count() {
            let value = match row.get::<_, rusqlite::types::Value>(index)? {
                rusqlite::types::Value::Integer(number) => number.into(),
                rusqlite::types::Value::Text(text) => text.into(),
                rusqlite::types::Value::Null => Value::Null,
                other @ (rusqlite::types::Value::Real(_) | rusqlite::types::Value::Blob(_)) => {
                    panic!("no column of this program holds {other:?}")
                }
            };
            object.insert(prepared.column_name(index)?.to_owned(), value);
        }
        found.push(object);
    }
    Ok(found)
}

impl Ai for Fake {
    async fn run(
        &self,
        _model: &str,
        inputs: &Value,
        _options: &Value,
        _pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        self.effect(|| {
            self.prompts.borrow_mut().push(inputs.clone());
            if inputs.get("audio").is_some() {
                let said = || serde_json::json!({ "text": "" });
                return self.heard.borrow_mut().pop_front().unwrap_or_else(|| Ok(said()));
            }
            if inputs.get("messages").is_none() {
                let image = || Ok(serde_json::json!({ "image": "/9j/4AAQSkZJRg==" }));
                return self.images.borrow_mut().pop_front().unwrap_or_else(image);
            }
            if let Some(play) = self.play.get() {
                return Ok(play(inputs));
            }
            let plain = || Ok(serde_json::json!({ "response": "It is noon. (´▽`)" }));
            self.model.borrow_mut().pop_front().unwrap_or_else(plain)
        })
        .await
    }

    /// A document becomes a heading with its name; one whose name has `broken` in it cannot be read.
    async fn to_markdown(
        &self,
        name: &str,
        _kind: &str,
        _bytes: &[u8],
        _limit: usize,
    ) -> Result<Option<(String, bool)>, u32> {
        if name.contains("hangs") {
            pending::<()>().await;
        }
        let text = self.document.borrow().clone().unwrap_or_else(|| format!("# {name}"));
        self.effect(|| Ok((!name.contains("broken")).then_some((text, false)))).await
    }
}

impl Workflows for Fake {
    async fn start(&self, instance: &str, params: &str) -> Result<(), Fault> {
        let hangs = || if self.start_hangs.get() { Poll::Pending } else { Poll::Ready(()) };
        poll_fn(|_| hangs()).await;
        self.effect(|| {
            if self.start_faults.get() > 0 {
                self.start_faults.set(self.start_faults.get() - 1);
                return Err(EngineError::Start.into());
            }
            let mut started = self.started.borrow_mut();
            if started.iter().any(|(known, _)| known == instance) {
                return Ok(());
            }
            started.push((instance.to_owned(), serde_json::from_str(params).unwrap()));
            Ok(())
        })
        .await
    }

    async fn state(&self, instance: &str) -> Result<InstanceState, Fault> {
        self.effect(|| {
            let states = self.states.borrow();
            if let Some((_, state)) = states.iter().find(|(known, _)| known == instance) {
                return Ok(*state);
            }
            let is_started = self.started.borrow().iter().any(|(known, _)| known == instance);
            Ok(if is_started { InstanceState::Alive } else { InstanceState::Missing })
        })
        .await
    }

    async fn send_event(&self, instance: &str, kind: &str) -> Result<(), Fault> {
        self.effect(|| self.sent_events.borrow_mut().push(format!("{instance} {kind}"))).await;
        Ok(())
    }
}

impl Queue for Fake {
    async fn enqueue(&self, message: &str) -> Result<(), Fault> {
        self.effect(|| {
            if self.queue_fails.get() {
                return Err(EngineError::Queue.into());
            }
            self.queued.borrow_mut().push(serde_json::from_str(message).unwrap());
            Ok(())
        })
        .await
    }
}

impl Cache for Fake {
    async fn recall(&self, key: &str) -> Option<String> {
        self.effect(|| self.saved.borrow().get(key).map(|(value, _)| value.clone())).await
    }

    async fn remember(&self, key: &str, value: &str, seconds: u32) {
        let saved = (value.to_owned(), seconds);
        self.effect(|| drop(self.saved.borrow_mut().insert(key.to_owned(), saved))).await;
    }
}

impl Files for Fake {
    async fn write_file(&self, key: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.effect(|| {
            self.files.borrow_mut().insert(key.to_owned(), bytes.to_vec());
            self.file_fault("files::write")
        })
        .await
    }

    async fn read_file(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        let read = || {
            self.file_fault("files::read")?;
            Ok(self.files.borrow().get(key).cloned())
        };
        self.effect(read).await
    }

    async fn delete_files(&self, keys: Vec<String>) -> Result<(), Fault> {
        self.effect(|| {
            self.files.borrow_mut().retain(|key, _| !keys.contains(key));
            self.file_fault("files::delete")
        })
        .await
    }
}

impl Fake {
    fn file_fault(&self, statement: &'static str) -> Result<(), Fault> {
        let left = self.file_faults.get();
        self.file_faults.set(left.saturating_sub(1));
        if left > 0 { Err(StoreError::Failed { statement }.into()) } else { Ok(()) }
    }
}

impl RateLimits for Fake {
    async fn refusal(&self, asker: Option<&str>, server: Option<&str>) -> Option<Limit> {
        let exhausted = self.exhausted.borrow();
        let refuses = |(limit, key): &(Limit, Option<&str>)| {
            exhausted.iter().any(|(of, who)| of == limit && Some(who.as_str()) == *key)
        };
        [(Limit::Asker, asker), (Limit::Server, server)].into_iter().find(refuses).map(|(of, _)| of)
    }

    async fn refuses_visitor(&self, address: &str) -> bool {
        self.exhausted.borrow().contains(&(Limit::Visitor, address.to_owned()))
    }
}

impl WaitUntil for Fake {
    fn wait_until(&self, work: impl Future<Output = ()> + 'static) {
        let mut work = Box::pin(work);
        if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            self.waiting.borrow_mut().push(work);
        }
    }
}

/// Other bytes each time, the same in each world.
impl Random for Fake {
    fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        if self.random_fails.get() {
            return Err(EngineError::Random.into());
        }
        let drawn = self.drawn.get() + 1;
        self.drawn.set(drawn);
        Ok(core::array::from_fn(|index| drawn.to_be_bytes()[index % 8]))
    }
}

impl Log for Fake {
    fn log(&self, event: &Event) {
        self.events.borrow_mut().push(event.clone());
    }
}
