//! How does a question become a job? One durable write before the reply, the other beside it.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | start the Workflow, id = interaction id | before the reply | a second start finds the first |
//! | insert the job's row | beside the reply | `ON CONFLICT DO NOTHING`; the Workflow's first step writes it too |
//! | mark the job ERROR | when it did not start | only PENDING moves: a start that seemed to fail may run |

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde_json::Value;

use super::{jobs, reply, to_params};
use crate::channels::{Question, discord, sentence};
use crate::config::Settings;
use crate::event::Event;
use crate::fault::Fault;
use crate::host::{Clock, Host, Log, Started, Workflows};
use crate::http::Reply;
use crate::ids::JobId;

/// Longest that the reply waits for the Workflow: Discord gives up after 3 seconds.
const START_PATIENCE: Duration = Duration::from_secs(2);

/// Waits before the second and third try to start the Workflow.
const START_RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// Makes the question a job and returns the reply to the interaction.
///
/// # Repeats
/// The same interaction twice is one job and the same reply.
pub async fn accept<H: Host + Clone + 'static>(
    host: &H,
    settings: &Settings,
    question: Question,
) -> Reply {
    host.beside(record(host.clone(), question.clone()));
    let starting = {
        let (host, params) = (host.clone(), to_params(&question));
        let id = question.id.clone();
        Box::pin(async move { start(&host, &id, &params).await })
    };
    match select(starting, pin!(host.sleep(START_PATIENCE))).await {
        Either::Left((Ok(started), _)) => {
            note(host, question.id, started);
            discord::reply::deferred()
        }
        Either::Left((Err(fault), _)) => {
            let reply = discord::reply::private(sentence(fault.notice, question.language));
            host.beside(give_up(host.clone(), question, fault));
            reply
        }
        Either::Right(((), starting)) => {
            let (host_beside, settings) = (host.clone(), settings.clone());
            host.beside(async move {
                match starting.await {
                    Ok(started) => note(&host_beside, question.id, started),
                    Err(fault) => tell_and_give_up(host_beside, settings, question, fault).await,
                }
            });
            discord::reply::deferred()
        }
    }
}

async fn record<H: Host>(host: H, question: Question) {
    if let Err(fault) = jobs::insert(&host, &question).await {
        host.log(&Event::JobRecordDelayed { job: question.id, fault });
    }
}

async fn start(
    host: &(impl Workflows + Clock),
    id: &JobId,
    params: &Value,
) -> Result<Started, Fault> {
    for wait in START_RETRIES {
        if let Ok(started) = host.start(id, params).await {
            return Ok(started);
        }
        host.sleep(wait).await;
    }
    host.start(id, params).await
}

fn note(host: &impl Log, job: JobId, started: Started) {
    if started == Started::New {
        host.log(&Event::JobAccepted { job });
    }
}

/// Returns whether the job is given up: a start that seemed to fail may have worked.
async fn abandon(host: &impl Host, question: &Question, fault: &Fault) -> bool {
    match jobs::abandon(host, &question.id, fault).await {
        Ok(is_abandoned) => is_abandoned,
        Err(fault) => {
            host.log(&Event::JobRecordDelayed { job: question.id.clone(), fault });
            true
        }
    }
}

async fn give_up<H: Host>(host: H, question: Question, fault: Fault) {
    if abandon(&host, &question, &fault).await {
        host.log(&Event::JobFailed { job: question.id, fault });
    }
}

async fn tell_and_give_up<H: Host>(host: H, settings: Settings, question: Question, fault: Fault) {
    if !abandon(&host, &question, &fault).await {
        return;
    }
    let sentence = sentence(fault.notice, question.language);
    if let Err(error) = reply::tell(&host, &settings, &question, sentence).await {
        host.log(&Event::AskerNotTold { job: question.id.clone(), fault: error.into() });
    }
    host.log(&Event::JobFailed { job: question.id, fault });
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
