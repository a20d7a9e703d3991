//! What the principal has used: `GET /api/usage`, the sums that `/usage` tells in words.

use serde::Serialize;

use miyabi_app::keys::Principal;
use miyabi_app::usage;
use miyabi_core::http::Reply;
use miyabi_core::i18n::usage::{Account, Sums};
use miyabi_core::ports::{Clock, Sql};
use miyabi_core::problem::Problem;
use miyabi_core::time::to_iso;

use super::Api;

/// What was used, in nano-dollars: whole numbers, since sums of fractions are not exact.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    questions: u64,
    calls: u64,
    tokens: u64,
    cost_nano_usd: u64,
    reserved_nano_usd: u64,
    estimated: u64,
    unpriced: u64,
}

/// What was used of one model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfModel<'a> {
    model: &'a str,
    calls: u64,
    tokens: u64,
    cost_nano_usd: u64,
    estimated: u64,
    unpriced: u64,
}

/// What may be spent in a day, UTC.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Budget {
    limit_nano_usd: u64,
    left_nano_usd: u64,
    renews_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage<'a> {
    today: Used,
    last_30_days: Used,
    models: Vec<OfModel<'a>>,
    budget: Option<Budget>,
}

impl From<&Sums> for Used {
    fn from(sums: &Sums) -> Self {
        let &Sums { questions, calls, tokens, nano, reserved, estimated, unpriced } = sums;
        Self {
            questions,
            calls,
            tokens,
            cost_nano_usd: nano,
            reserved_nano_usd: reserved,
            estimated,
            unpriced,
        }
    }
}

/// Shows what the principal has used.
///
/// # Errors
/// A failure of the database.
///
/// # Repeats
/// Reads only.
pub(super) async fn show<H: Sql + Clock>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let account = usage::account(api.host, &principal.owner, &api.settings.budgets).await?;
    let Account { today, month, models, budget } = &account;
    let models = models.iter().map(|(model, sums)| OfModel {
        model,
        calls: sums.calls,
        tokens: sums.tokens,
        cost_nano_usd: sums.nano,
        estimated: sums.estimated,
        unpriced: sums.unpriced,
    });
    let held = today.nano.saturating_add(today.reserved);
    let budget = budget.map(|limit| Budget {
        limit_nano_usd: limit,
        left_nano_usd: limit.saturating_sub(held),
        renews_at: to_iso(api.host.now().next_midnight_s()),
    });
    let usage =
        Usage { today: today.into(), last_30_days: month.into(), models: models.collect(), budget };
    Ok(Reply::json(200, &usage))
}
